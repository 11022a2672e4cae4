import { FormData } from 'undici';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { invalid } from './ask-once.ts';
import type { OutgoingRequest } from './authenticator.ts';

const FORM = 'application/x-www-form-urlencoded';

/** Puts a credential beside the fields of a body: of a form, of a form with files, or of a JSON object; a request without a body gets one. @throws SyncError DEFINITION_INVALID where it has none to put it in */
export function putInBody(request: OutgoingRequest, name: string, value: string): void {
  const { headers, method, body } = request;
  if (method === 'GET') throw invalid(`A credential goes into the body, as "${name}", and a GET has none: ask by post, or put it into the query or a header.`);
  if (body instanceof FormData) {
    body.set(name, value);
    return;
  }
  if (headers['content-type']?.startsWith(FORM) === true) {
    const form = new URLSearchParams(body?.toString('utf8'));
    form.set(name, value);
    request.body = Buffer.from(form.toString());
    return;
  }
  headers['content-type'] ??= 'application/json';
  const fields: Json = headers['content-type'].startsWith('application/json') ? JSON.parse(body?.toString('utf8') ?? '{}') : null;
  if (!isJsonObject(fields)) throw invalid(`A credential goes into the body, as "${name}", and a body is neither a form nor a JSON object.`);
  request.body = Buffer.from(JSON.stringify({ ...fields, [name]: value }));
}
