import { FormData } from 'undici';
import type { OutgoingRequest } from './auth/authenticator.ts';
import type { FormPart, HttpClientOptions, HttpRequest } from './http-client.ts';
import { ACCEPT } from './parse-format.ts';
import { ACCEPT_ENCODING } from './unpack.ts';
import { USER_AGENT } from './user-agent.ts';

/** A request as it leaves, but for its credentials. */
export interface WrittenRequest extends OutgoingRequest {
  /** The whole body in one piece, so that it leaves in one write; a file and a form with files are written piece by piece. */
  readonly body: Buffer | FormData | Blob | null;
  /** Of the body; of a form with files: of what its parts hold. */
  readonly bytes: number;
}

/** Writes a request to `url`: the request's own headers win over the connection's, those over ours. */
export function writeRequest(
  options: Pick<HttpClientOptions, 'headers'>,
  request: Pick<HttpRequest, 'method' | 'headers' | 'body' | 'as' | 'unzip'>,
  url: URL,
): WrittenRequest {
  const body = request.body;
  const headers: Record<string, string> = {
    accept: acceptOf(request),
    'accept-encoding': ACCEPT_ENCODING,
    'user-agent': USER_AGENT,
    ...(body === undefined || 'parts' in body ? {} : { 'content-type': contentType(body) }),
    ...(body !== undefined && 'file' in body ? { 'content-length': String(body.file.size) } : {}),
    ...lowerCased(options.headers),
    ...lowerCased(request.headers ?? {}),
  };
  return { method: request.method, headers, url: new URL(url), ...writeBody(body) };
}

function writeBody(body: HttpRequest['body']): Pick<WrittenRequest, 'body' | 'bytes'> {
  if (body === undefined) return { body: null, bytes: 0 };
  if ('parts' in body) return writeForm(body.parts);
  if ('file' in body) return { body: body.file, bytes: body.file.size };
  const bytes = Buffer.from(bodyText(body));
  return { body: bytes, bytes: bytes.length };
}

/** The client names the boundary between the parts, and with it the type of the body. */
function writeForm(parts: readonly FormPart[]): Pick<WrittenRequest, 'body' | 'bytes'> {
  const form = new FormData();
  let bytes = 0;
  for (const part of parts) {
    if ('text' in part) form.append(part.name, part.text);
    else form.append(part.name, part.file, part.fileName);
    bytes += 'text' in part ? Buffer.byteLength(part.text) : part.file.size;
  }
  return { body: form, bytes };
}

type PlainBody = Exclude<NonNullable<HttpRequest['body']>, { readonly parts: readonly FormPart[] } | { readonly file: Blob }>;

function acceptOf({ as, unzip }: Pick<HttpRequest, 'as' | 'unzip'>): string {
  if (unzip !== undefined) return 'application/zip, application/octet-stream;q=0.9, */*;q=0.8';
  if (as === 'base64') return '*/*';
  return as === undefined ? 'application/json' : ACCEPT[as];
}

function contentType(body: PlainBody | { readonly file: Blob }): string {
  if ('file' in body) return body.file.type;
  if ('text' in body) return body.type;
  return 'form' in body ? 'application/x-www-form-urlencoded' : 'application/json';
}

function bodyText(body: PlainBody): string {
  if ('text' in body) return body.text;
  return 'form' in body ? new URLSearchParams({ ...body.form }).toString() : JSON.stringify(body.json);
}

const REQUEST_ID_HEADERS = ['x-request-id', 'x-correlation-id', 'x-hubspot-correlation-id', 'request-id', 'cf-ray'];

/** By which the API's support finds this request. */
export function requestIdOf(headers: Readonly<Record<string, string>>): string | undefined {
  const name = REQUEST_ID_HEADERS.find((header) => headers[header] !== undefined);
  return name === undefined ? undefined : headers[name]?.slice(0, 200);
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
