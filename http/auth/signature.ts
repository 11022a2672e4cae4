import { randomUUID } from 'node:crypto';
import { ExpressionError } from '../../engine/expression-error.ts';
import type { JsonObject } from '../../engine/json.ts';
import { compileTemplate, type Template } from '../../engine/template.ts';
import type { Clock } from '../clock.ts';
import { invalid } from './ask-once.ts';
import type { SignatureOptions } from './auth-options.ts';
import type { Authenticator, OutgoingRequest } from './authenticator.ts';

interface Added {
  /** For messages: `headers.X-Signature`. */
  readonly key: string;
  readonly template: Template;
  readonly put: (request: OutgoingRequest, value: string) => void;
}

/** Signs each request by what it holds: parameters and headers are added one after the other, each computed from the request with those before it. */
export function signatureAuthenticator(name: string, { credentials, query, headers }: SignatureOptions, clock: Clock): Authenticator {
  const trimmed = Object.fromEntries(Object.entries(credentials).map(([key, value]) => [key, value.trim()]));
  const all = [
    ...addedOf(
      'query',
      query,
      (parameter) =>
        ({ url }, value) =>
          url.searchParams.set(parameter, value),
    ),
    ...addedOf('headers', headers, (header) => (request, value) => {
      request.headers[header.toLowerCase()] = value;
    }),
  ];
  return {
    prepare: async () => undefined,
    apply: async (request) => {
      const [nonce, now] = [randomUUID(), clock.now()];
      for (const { key, template, put } of all) put(request, await render(name, key, template, { ...trimmed, ...variablesOf(request), nonce }, now));
    },
    onRejected: async () => false,
    secrets: () => Object.values(trimmed),
  };
}

function addedOf(part: 'query' | 'headers', templates: Readonly<Record<string, string>> = {}, putAs: (name: string) => Added['put']): readonly Added[] {
  return Object.entries(templates).map(([name, template]) => ({ key: `${part}.${name}`, template: compileTemplate(template), put: putAs(name) }));
}

/** The request as it will be sent. */
function variablesOf({ method = 'GET', url, headers, body }: OutgoingRequest): JsonObject {
  const { href, host, pathname: path, search } = url;
  return { method, url: href, host, path, query: search.slice(1), headers: { ...headers }, body: Buffer.isBuffer(body) ? body.toString('utf8') : '' };
}

async function render(name: string, key: string, template: Template, variables: JsonObject, now: number): Promise<string> {
  try {
    const value = await template.render(variables, { now });
    if (value !== undefined && value !== null) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw invalid(`auth.${key} of connection ${name} cannot be evaluated: ${error.message}.`);
  }
  throw invalid(`auth.${key} of connection ${name} inserts what neither the credentials nor the request have.`);
}
