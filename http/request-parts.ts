import type { OutgoingRequest } from './auth/authenticator.ts';
import type { HttpClientOptions, HttpRequest } from './http-client.ts';
import { ACCEPT } from './parse-format.ts';
import { ACCEPT_ENCODING } from './read-answer.ts';
import { USER_AGENT } from './user-agent.ts';

/** A request as it leaves, but for its credentials. */
export interface WrittenRequest extends OutgoingRequest {
  /** The whole body in one piece, so that it leaves in one write. */
  readonly body: Buffer | null;
}

/** Writes a request to `url`: the request's own headers win over the connection's, those over ours. */
export function writeRequest(options: Pick<HttpClientOptions, 'headers'>, request: Pick<HttpRequest, 'headers' | 'body' | 'as'>, url: URL): WrittenRequest {
  const body = request.body;
  const headers: Record<string, string> = {
    accept: request.as === undefined ? 'application/json' : ACCEPT[request.as],
    'accept-encoding': ACCEPT_ENCODING,
    'user-agent': USER_AGENT,
    ...(body === undefined ? {} : { 'content-type': contentType(body) }),
    ...lowerCased(options.headers),
    ...lowerCased(request.headers ?? {}),
  };
  return {
    headers,
    url: new URL(url),
    body: body === undefined ? null : Buffer.from(bodyText(body)),
  };
}

function contentType(body: NonNullable<HttpRequest['body']>): string {
  if ('text' in body) return body.type;
  return 'form' in body ? 'application/x-www-form-urlencoded' : 'application/json';
}

function bodyText(body: NonNullable<HttpRequest['body']>): string {
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
