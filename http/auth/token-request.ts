import { request } from 'undici';
import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { isLoopback } from '../base-url.ts';
import { messageOf } from '../classify.ts';
import { transportFailure } from '../failures.ts';
import type { AuthOptions, HttpClientOptions } from '../http-client.ts';
import { readAnswer } from '../read-answer.ts';

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive().optional(), refresh_token: z.string().optional() });
const MAX_BYTES = 1_000_000;

type OAuth2Options = Extract<AuthOptions, { readonly type: 'oauth2-client-credentials' | 'oauth2-refresh-token' }>;

/** Asks the token endpoint. @throws SyncError CREDENTIALS_REJECTED, SYSTEM_UNAVAILABLE, CONTRACT_BROKEN; none of them holds a secret */
export async function requestToken(options: HttpClientOptions, auth: OAuth2Options, baseUrl: URL, refreshToken: string | undefined): Promise<z.output<typeof answerSchema>> {
  const url = new URL(auth.tokenUrl, `${baseUrl.href.replace(/\/$/, '')}/`);
  if (url.protocol !== 'https:' && !isLoopback(url.hostname) && !options.allowPlainHttp) {
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `tokenUrl of connection ${options.name} is not encrypted: use https.` });
  }
  const form = new URLSearchParams({ grant_type: refreshToken === undefined ? 'client_credentials' : 'refresh_token' });
  if (refreshToken !== undefined) form.set('refresh_token', refreshToken);
  if (auth.scopes !== undefined) form.set('scope', auth.scopes.join(' '));
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  if (auth.clientIn === 'header') {
    headers['authorization'] = `Basic ${Buffer.from(`${encodeURIComponent(auth.clientId)}:${encodeURIComponent(auth.clientSecret ?? '')}`).toString('base64')}`;
  } else {
    form.set('client_id', auth.clientId);
    if (auth.clientSecret !== undefined) form.set('client_secret', auth.clientSecret);
  }
  const answer = await ask(options, url, headers, form.toString());
  if (answer.status >= 500 || answer.status === 429) {
    throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: `The token endpoint of ${options.name} answered ${answer.status}.`, details: { status: answer.status } });
  }
  if (answer.status >= 400) {
    const next = refreshToken === undefined ? 'Check its client id and secret' : 'Authorise it again, and put the new refresh token into the secret';
    const message = `The token endpoint of ${options.name} refused (${answer.status}): ${messageOf(answer.body) ?? 'no reason given'}. ${next}.`;
    throw new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message, details: { status: answer.status } });
  }
  const token = answerSchema.safeParse(answer.body);
  if (token.success) return token.data;
  throw new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message: `The token endpoint of ${options.name} answered without an access_token.` });
}

async function ask(options: HttpClientOptions, url: URL, headers: Record<string, string>, body: string) {
  try {
    const answer = await request(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(options.timeouts.requestMs) });
    return await readAnswer(answer, MAX_BYTES, options.name);
  } catch (error) {
    throw error instanceof SyncError ? error : transportFailure({ ...options, baseUrl: url.origin }, 'read', error);
  }
}
