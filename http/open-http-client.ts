import { Pool } from 'undici';
import { SyncError } from '../engine/errors.ts';
import { openAuthenticator } from './auth/open-authenticator.ts';
import { checkBaseUrl } from './base-url.ts';
import { classifyAnswer } from './classify.ts';
import type { Classification, HttpAnswer, HttpClient, HttpClientOptions, HttpObserver, HttpPermit, HttpRequest } from './http-client.ts';
import { Limiter } from './limiter.ts';
import { repeatRead } from './repeat-read.ts';
import { sendOnce } from './send-once.ts';
import { failureOfClass } from './failures.ts';
import { WarningNotes } from './warnings.ts';

const DEFAULT_CONCURRENCY = 8;

/** Opens the one client of an account. @throws SyncError DEFINITION_INVALID where the address is no HTTPS address */
export function openHttpClient(options: HttpClientOptions): HttpClient {
  const baseUrl = checkBaseUrl(options);
  const concurrency = options.limits.concurrency ?? DEFAULT_CONCURRENCY;
  const pool = new Pool(baseUrl.origin, {
    connections: 256,
    pipelining: 1,
    connect: { timeout: options.timeouts.connectMs },
    headersTimeout: options.timeouts.headersMs,
    bodyTimeout: options.timeouts.bodyMs,
    keepAliveTimeout: 4_000,
  });
  const limiter = new Limiter({ windows: options.limits.requests ?? [], concurrency, headers: options.limits.headers });
  const authenticator = openAuthenticator(options, baseUrl);
  const warnings = new WarningNotes(options.onWarning);

  const acquirePermit = (signal?: AbortSignal, observer?: HttpObserver): Promise<HttpPermit> =>
    limiter.acquire(signal, (ms, reason) => observer?.onWait?.({ ms, reason: `${options.name} ${reason}` }));

  const exchange = async (request: HttpRequest, isRetry: boolean): Promise<{ answer: HttpAnswer; classification: Classification }> => {
    const permit = request.permit ?? (await acquirePermit(request.signal, request.observer));
    try {
      for (let isRefreshed = false; ; isRefreshed = true) {
        const answer = await sendOnce({ pool, baseUrl, options, authenticator, request, isRetry: isRetry || isRefreshed });
        limiter.learn(answer);
        warnings.look(answer);
        const classification = (await options.classify?.(answer)) ?? classifyAnswer(answer);
        if (classification.class === 'credentials' && answer.status === 401 && !isRefreshed && (await authenticator.renew())) continue;
        return { answer, classification };
      }
    } finally {
      permit.release();
    }
  };

  const sendChecked = async (request: HttpRequest, isRetry: boolean) => {
    const { answer, classification } = await exchange(request, isRetry);
    if (classification.class === 'rate-limited') limiter.pauseFor(classification.afterMs ?? 1_000);
    const failure = failureOfClass(options.name, request.repeat, answer, classification);
    if (failure !== undefined) throw failure;
    return { answer, classification };
  };

  return {
    acquirePermit,
    send: (request) => (request.repeat === 'read' ? repeatRead(request.signal, (isRetry) => sendChecked(request, isRetry)) : sendChecked(request, false)),
    setPace: (pace) => limiter.setPace(pace),
    close: async () => {
      limiter.close(new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: `The connection to ${options.name} was closed.` }));
      await pool.close();
    },
  };
}
