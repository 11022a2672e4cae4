import { SyncError } from '../engine/errors.ts';
import type { HttpClientOptions } from './http-client.ts';

const LOOPBACK = new Set(['localhost', '[::1]']);

export function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname) || hostname.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** @throws SyncError DEFINITION_INVALID where it is no address, or plain HTTP to another machine without leave */
export function checkBaseUrl(options: Pick<HttpClientOptions, 'name' | 'baseUrl' | 'allowPlainHttp'>): URL {
  const where = `baseUrl of connection ${options.name}`;
  const url = URL.canParse(options.baseUrl) ? new URL(options.baseUrl) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalid(`${where} is no web address: write it in full, such as https://api.example.com/v2.`);
  }
  if (url.username !== '' || url.password !== '') throw invalid(`${where} holds credentials: put them into "auth".`);
  if (url.search !== '' || url.hash !== '') throw invalid(`${where} holds a query: put it into "query" of the endpoints.`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !options.allowPlainHttp) {
    throw invalid(`${where} is not encrypted (${url.origin}): use https, or allow it with "allowPlainHttp: true".`);
  }
  return url;
}

/**
 * The address of a path: joined to the base, whose own path is kept; or an absolute address of the same origin. Without a path it is the base itself. Credentials go nowhere else.
 * @throws SyncError CONTRACT_BROKEN for an address elsewhere, or a path that climbs out of the base
 */
export function joinUrl(name: string, baseUrl: URL, path: string): URL {
  if (path === '') return new URL(baseUrl);
  if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith('//')) return sameOrigin(name, baseUrl, path);
  // A value that was put into the path must not lead to another endpoint.
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:[/?#]|$)/i.test(path.split('?', 1)[0] ?? '')) {
    throw broken(`${name}: a path holds "." or ".." as a step, which leads to another endpoint: refused.`);
  }
  return new URL(`${baseUrl.origin}${baseUrl.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`);
}

/** Takes an address that the API itself named: a next page, a redirect. Relative ones are read from `from`, the address that was asked. */
export function sameOrigin(name: string, from: URL, address: string): URL {
  const url = URL.canParse(address, from.href) ? new URL(address, from) : undefined;
  // Behind a proxy some do not know that they are asked by https.
  if (url?.protocol === 'http:' && from.protocol === 'https:' && url.host === from.host) url.protocol = 'https:';
  if (url?.origin === from.origin) return url;
  const there = url === undefined ? 'an address that is none' : url.origin;
  throw broken(
    `${name} leads to ${there}, which is not its own address ${from.origin}: refused, because the credentials would go there. If it is right, make it the baseUrl.`,
  );
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}
