import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import type { Clock } from '../clock.ts';
import { type Asker, invalid, signInUrl } from './ask-once.ts';
import type { AuthorizationCodeOptions } from './auth-options.ts';
import type { TokenAnswer } from './token-answer.ts';
import { scopeParameter, type TokenEndpoint } from './token-endpoint.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
const DEFAULT_INTERVAL_SECONDS = 5;
const SLOWER_SECONDS = 5;

/** RFC 8628 section 3.2; `verification_url` is how some spell it. */
const answerSchema = z
  .object({
    device_code: z.string().min(1),
    user_code: z.string().min(1).max(100),
    verification_uri: z.url({ protocol: /^https?$/ }).optional(),
    verification_url: z.url({ protocol: /^https?$/ }).optional(),
    verification_uri_complete: z
      .url({ protocol: /^https?$/ })
      .optional()
      .catch(undefined),
    expires_in: z.coerce.number().positive(),
    interval: z.coerce.number().positive().max(300).optional().catch(undefined),
  })
  .refine((answer) => (answer.verification_uri ?? answer.verification_url) !== undefined);

/** A login that somebody finishes with a browser elsewhere. */
export interface DeviceLogin<State> {
  readonly userCode: string;
  readonly verificationUrl: string;
  /** With the code in it. */
  readonly wholeUrl: string | undefined;
  readonly expiresAt: number;
  /** Asks until the person has answered. @throws SyncError CREDENTIALS_REJECTED where they refused, or did not in time; the signal's reason */
  wait(signal: AbortSignal): Promise<State>;
}

/** @param keep keeps the tokens that came of it */
export async function beginDeviceLogin<State>(
  options: Asker & { readonly auth: AuthorizationCodeOptions },
  endpoint: TokenEndpoint,
  baseUrl: URL,
  clock: Clock,
  keep: (answer: TokenAnswer) => Promise<State>,
): Promise<DeviceLogin<State>> {
  const { name, auth } = options;
  if (auth.deviceUrl === undefined) throw invalid(`Connection ${name} has no deviceUrl: its auth does not say where a login without a browser begins.`);
  const url = signInUrl(options, 'deviceUrl', auth.deviceUrl, baseUrl);
  // The client is known by its id here even where it proves itself by HTTP Basic (RFC 8628 section 3.1).
  const body = await endpoint.post(url, { client_id: auth.clientId, ...scopeParameter(auth.scopes) }, []);
  const parsed = answerSchema.safeParse(body).data;
  const verificationUrl = parsed?.verification_uri ?? parsed?.verification_url;
  if (parsed === undefined || verificationUrl === undefined) {
    const message = `The device endpoint of ${name} answered without a code to type, or an address to type it at. Check deviceUrl (${url.origin}${url.pathname}).`;
    throw new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
  }
  const expiresAt = clock.now() + parsed.expires_in * 1_000;
  return {
    userCode: parsed.user_code,
    verificationUrl,
    wholeUrl: parsed.verification_uri_complete,
    expiresAt,
    wait: async (signal) => {
      const grant = { grant_type: GRANT_TYPE, device_code: parsed.device_code };
      for (let seconds = parsed.interval ?? DEFAULT_INTERVAL_SECONDS; clock.now() < expiresAt; ) {
        await sleep(seconds * 1_000, undefined, { signal });
        const answer = await askNow(endpoint, grant);
        if (typeof answer !== 'string') return keep(answer);
        if (answer === 'slow_down') seconds += SLOWER_SECONDS;
      }
      const message = `The login to ${name} was not finished in time: run "syncline login ${name} --device" again.`;
      throw new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message });
    },
  };
}

/** @returns why there is no answer yet, or the answer */
async function askNow(endpoint: TokenEndpoint, grant: Readonly<Record<string, string>>): Promise<TokenAnswer | 'authorization_pending' | 'slow_down'> {
  try {
    return await endpoint.ask(grant, []);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const { error: told } = error.details;
    if (told === 'authorization_pending' || told === 'slow_down') return told;
    // A server that cannot be reached once does not end a login (RFC 8628 section 3.5).
    if (error.retry !== 'never') return 'slow_down';
    throw error;
  }
}
