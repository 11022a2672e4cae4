import type { TokenRequest } from './auth-options.ts';
import type { ProvenForm } from './client-proof.ts';

const FORM = 'application/x-www-form-urlencoded';

export interface WrittenTokenRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** A form with the names, the further fields and in the place that the API wants. @param shape absent: as RFC 6749 has it */
export function writeTokenRequest(shape: TokenRequest | undefined, address: URL, { fields: proven, headers: proving }: ProvenForm): WrittenTokenRequest {
  const { names = {}, fields: further = {}, headers: own = {} } = shape ?? {};
  const named = Object.entries(proven).map(([name, value]) => [Object.hasOwn(names, name) ? (names[name] ?? name) : name, value] as const);
  const fields = { ...Object.fromEntries(named), ...further };
  const headers = { ...lowerCased(own), ...proving };
  const url = new URL(address);
  if (shape?.in === 'query') {
    for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
    return { url, headers, body: undefined };
  }
  const isJson = shape?.format === 'json';
  const text = isJson ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
  return { url, headers: { 'content-type': isJson ? 'application/json' : FORM, ...headers }, body: Buffer.from(text) };
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
