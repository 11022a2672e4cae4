import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { processOptionsSchema } from './limited-process.ts';

const PROGRAM = fileURLToPath(new URL('limited-process.ts', import.meta.url));
const reportSchema = z.object({ done: z.record(z.string(), z.number()), failures: z.array(z.object({ code: z.string(), afterMs: z.number() })) });

export type ProcessReport = z.output<typeof reportSchema>;
type ProcessOptions = z.input<typeof processOptionsSchema>;

/** An API that enforces its limit as APIs do, and counts what it refuses. */
export interface LimitedApi {
  readonly url: string;
  /** When each request came that was let through. */
  readonly accepted: number[];
  /** @param afterMs only those that came so long after the first request */
  readonly refused: (afterMs?: number) => number;
  readonly mostInFlight: () => number;
  stop(): Promise<void>;
}

export interface ApiTerms {
  /** Refuses with 429 what is too much; absent: takes everything. */
  readonly bucket?: {
    readonly perSecond: number;
    readonly size: number /** Points that each request costs, which answers tell; default 1, untold. */;
    readonly cost?: number;
  };
  readonly latencyMs?: number;
  readonly retryAfterSeconds?: number;
}

/** @returns it listens on loopback */
export async function startLimitedApi({ bucket, latencyMs = 0, retryAfterSeconds }: ApiTerms): Promise<LimitedApi> {
  const accepted: number[] = [];
  const refused: number[] = [];
  let [inFlight, most] = [0, 0];
  let level = bucket?.size ?? 0;
  let at = performance.now();
  const isTooMany = (now: number) => {
    if (bucket === undefined) return false;
    level = Math.min(bucket.size, level + ((now - at) / 1_000) * bucket.perSecond);
    at = now;
    const { cost = 1 } = bucket;
    if (level < cost) return true;
    level -= cost;
    return false;
  };
  const told = (): Record<string, string> =>
    bucket?.cost === undefined
      ? {}
      : { 'x-left': String(level), 'x-cost': String(bucket.cost), 'x-rate': String(bucket.perSecond), 'x-most': String(bucket.size) };
  const server = createServer(async (_request, response) => {
    const now = performance.now();
    inFlight += 1;
    most = Math.max(most, inFlight);
    if (isTooMany(now)) {
      refused.push(now);
      response.writeHead(429, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }).end('{}');
    } else {
      accepted.push(now);
      const points = told();
      if (latencyMs > 0) await sleep(latencyMs);
      response.writeHead(200, { 'content-type': 'application/json', ...points }).end('{}');
    }
    inFlight -= 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    accepted,
    refused: (afterMs = 0) => refused.filter((time) => time - (accepted[0] ?? time) >= afterMs).length,
    mostInFlight: () => most,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface LimitedProcess {
  readonly begin: () => void;
  readonly kill: () => void;
  /** Resolves when it has ended; undefined where it was killed. */
  readonly report: Promise<ProcessReport | undefined>;
}

/** @returns ready to begin */
export async function startLimitedProcess(options: ProcessOptions): Promise<LimitedProcess> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.value !== 'ready') throw new Error('the process did not start');
  const report = lines.next().then(({ value }) => (value === undefined ? undefined : reportSchema.parse(JSON.parse(value))));
  return { begin: () => child.stdin.write('go\n'), kill: () => child.kill('SIGKILL'), report };
}
