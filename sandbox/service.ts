import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Faults, faultsSchema } from './faults.ts';
import { type Answer, CUT, type Request, type RunningServer, serveJson } from './http-server.ts';
import { TokenBucket } from './token-bucket.ts';
import { isWrite, Traffic } from './traffic.ts';

/** What makes a look-alike the service it looks like. */
export interface Service {
  readonly token: string;
  handle(request: Request, faults: Faults): Answer;
  unauthorized(): Answer;
  tooMany(retryAfterSeconds: number): Answer;
  failed(status: 500 | 503): Answer;
  /** For tests and the demo: what it holds. */
  state(): Record<string, unknown>;
  records(object: string): unknown;
}

export interface ServiceOptions {
  readonly port: number;
  readonly faults: Faults;
  /** Decides which requests the percentages hit. */
  readonly random: () => number;
}

/** Serves a look-alike on loopback, with its faults, its rate limit and `/_sandbox/…`. */
export function startService(service: Service, options: ServiceOptions): Promise<RunningServer> {
  const { random } = options;
  let { faults } = options;
  const bucket = new TokenBucket();
  const traffic = new Traffic();
  const happens = (percent: number) => random() * 100 < percent;

  const decide = (request: Request): Answer | typeof CUT => {
    if (faults.isDown) return service.failed(503);
    if (faults.refusesToken || request.authorization !== `Bearer ${service.token}`) return service.unauthorized();
    if (!bucket.take(faults.rate, Date.now()) || happens(faults.tooManyPercent)) return service.tooMany(faults.retryAfterSeconds);
    if (isWrite(request)) traffic.countWrite();
    if (happens(faults.errorPercent)) return service.failed(500);
    const answer = service.handle(request, faults);
    if (!isWrite(request)) return answer;
    if (happens(faults.dropPercent)) return CUT;
    return happens(faults.errorAfterPercent) ? service.failed(500) : answer;
  };

  const admin = (request: Request): Answer => {
    if (request.path === '/_sandbox/state') return { status: 200, body: { ...service.state(), ...traffic.toJson(), faults } };
    if (request.path === '/_sandbox/records') return { status: 200, body: service.records(request.query.get('object') ?? 'contacts') };
    if (request.path === '/_sandbox/faults' && request.method === 'POST') {
      const changed = faultsSchema.partial().safeParse(request.body);
      if (!changed.success) return { status: 400, body: { message: z.prettifyError(changed.error) } };
      faults = faultsSchema.parse({ ...faults, ...changed.data });
      return { status: 200, body: faults };
    }
    return { status: 404, body: { message: 'The sandbox has GET /_sandbox/state, GET /_sandbox/records?object=… and POST /_sandbox/faults.' } };
  };

  return serveJson(options.port, async (request) => {
    if (request.path.startsWith('/_sandbox/')) return admin(request);
    traffic.begin(request);
    await sleep(faults.latencyMs);
    const answer = decide(request);
    traffic.end(answer === CUT ? 'cut' : String(answer.status));
    return answer;
  });
}
