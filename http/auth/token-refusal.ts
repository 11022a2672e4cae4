import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { messageOf } from '../answer-message.ts';
import { hideSecretsIn } from '../hide-secrets.ts';
import type { AuthOptions } from '../http-client.ts';
import type { ReadAnswer } from '../read-answer.ts';
import { retryAfterMs } from '../retry-after.ts';

const refusalSchema = z.object({ error: z.string() });
/** Of RFC 6749 section 5.2 and RFC 8628 section 3.5: what a caller may act on. */
const KNOWN_ERRORS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'authorization_pending',
  'slow_down',
  'access_denied',
  'expired_token',
]);

export interface Refused {
  readonly name: string;
  /** By which kind of auth. */
  readonly type: AuthOptions['type'];
  /** The client proves itself by a signature, not by a secret. */
  readonly isSigned: boolean;
  /** The API's own words for a dead grant were met. */
  readonly isDead?: boolean;
  readonly answer: ReadAnswer;
  readonly secrets: readonly (string | undefined)[];
  readonly now: number;
}

/** What a token endpoint said instead of giving a token; `details.error` is the error code, where it is one of the known ones. */
export function tokenRefusal({ name, type, isSigned, isDead = false, answer: { status, headers, body }, secrets, now }: Refused): SyncError {
  const details = { status, sent: false };
  const words = messageOf(hideSecretsIn(body, secrets)) ?? `status ${status}`;
  if (isDead) return rejected(refusedGrant(name, type, words), { ...details, error: 'invalid_grant' });
  const afterMs = retryAfterMs(headers, now);
  if (status === 429 || (status >= 500 && afterMs !== undefined)) {
    return new SyncError({
      code: 'RATE_LIMITED',
      retry: { afterMs: afterMs ?? 1_000 },
      message: `The token endpoint of ${name} asked to wait (${status}).`,
      details,
    });
  }
  if (status >= 500 || status === 408) {
    return new SyncError({
      code: 'SYSTEM_UNAVAILABLE',
      retry: 'backoff',
      message: `The token endpoint of ${name} answered ${status}. Syncline tries again.`,
      details,
    });
  }
  if (status < 400)
    return new SyncError({
      code: 'CONTRACT_BROKEN',
      retry: 'never',
      message: `The token endpoint of ${name} redirects (${status}): put its final address into tokenUrl.`,
      details,
    });
  const told = refusalSchema.safeParse(body).data?.error;
  const known = told !== undefined && KNOWN_ERRORS.has(told) ? told : undefined;
  const message = isSigned && known === 'invalid_client' ? unsigned(name, words) : sentence(name, type, told, words);
  return rejected(message, { ...details, ...(known === undefined ? {} : { error: known }) });
}

function rejected(message: string, details: SyncError['details']): SyncError {
  return new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message, details });
}

function sentence(name: string, type: AuthOptions['type'], code: string | undefined, words: string): string {
  switch (code) {
    case 'invalid_grant':
      return refusedGrant(name, type, words, ' (invalid_grant)');
    case 'invalid_client':
    case 'unauthorized_client':
      return `${name} refused the client id or client secret (${code}): ${words}. Check both in connection ${name}.`;
    case 'invalid_scope':
      return `${name} refused the scopes (${code}): ${words}. Check "scopes" of connection ${name}.`;
    case 'access_denied':
      return `The login to ${name} was refused there: ${words}.`;
    case 'expired_token':
      return `The login to ${name} was not finished in time: ${words}.`;
    default:
      return general(name, words);
  }
}

function unsigned(name: string, words: string): string {
  return `${name} refused the client id or its signature (invalid_client): ${words}. Check clientId and clientAssertion of connection ${name}, and the clock of this machine.`;
}

/** @param code as the API named it, in brackets */
function refusedGrant(name: string, type: AuthOptions['type'], words: string, code = ''): string {
  switch (type) {
    case 'oauth2-refresh-token':
      return `${name} no longer accepts the refresh token${code}: ${words}. Authorise Syncline there again, and put the new refresh token into the secret of connection ${name}.`;
    case 'oauth2-authorization-code':
      return `${name} no longer accepts the login${code}: ${words}. To log in again, run "syncline login ${name}".`;
    case 'jwt':
      return `${name} refused the assertion${code}: ${words}. Check key, issuer, subject and audience of connection ${name}, and the clock of this machine.`;
    default:
      return general(name, words);
  }
}

function general(name: string, words: string): string {
  return `The token endpoint of ${name} refused the credentials: ${words}. Check tokenUrl, client id and secret of connection ${name}.`;
}
