import type { HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import type { Page, Validators } from '../ports.ts';

export const NOT_MODIFIED = 304;
/** What was changed twice in one second has the same time (RFC 9110 section 8.8.2.2). */
const SURE_AFTER_MS = 2_000;

/** Asks for what is not as it was; a body that is posted is none of these. */
export function conditionOf(method: HttpRequest['method'], validators: Validators | undefined): Readonly<Record<string, string>> {
  if (method !== 'GET' || validators === undefined) return {};
  const { etag, lastModified } = validators;
  return { ...(etag === undefined ? {} : { 'if-none-match': etag }), ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }) };
}

/** The time of a change counts only where the source's own clock says that it is past. */
export function validatorsOf(method: HttpRequest['method'], { headers }: HttpAnswer): Pick<Page, 'validators'> {
  const { etag, 'last-modified': lastModified, date } = headers;
  if (method !== 'GET') return {};
  if (etag !== undefined) return { validators: { etag } };
  const ageMs = Date.parse(date ?? '') - Date.parse(lastModified ?? '');
  return lastModified !== undefined && ageMs >= SURE_AFTER_MS ? { validators: { lastModified } } : {};
}
