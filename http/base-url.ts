import { SyncError } from '../engine/errors.ts';
import type { HttpClientOptions } from './http-client.ts';

const LOOPBACK = new Set(['localhost', '[::1]']);

export function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname) || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** @throws SyncError DEFINITION_INVALID where it is no address, or plain HTTP to another machine without leave */
export function checkBaseUrl(options: Pick<HttpClientOptions, 'name' | 'baseUrl' | 'allowPlainHttp'>): URL {
  const url = URL.canParse(options.baseUrl) ? new URL(options.baseUrl) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw invalid(`baseUrl of connection ${options.name} is no http address: ${options.baseUrl}.`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !options.allowPlainHttp) {
    throw invalid(`baseUrl of connection ${options.name} is not encrypted: use https, or allow it with "allowPlainHttp: true".`);
  }
  return url;
}

/** Joins a path to the base, keeping the base's own path. An absolute address must be of the same origin: credentials go nowhere else. */
export function joinUrl(name: string, baseUrl: URL, path: string): URL {
  const url = /^https?:\/\//i.test(path) ? new URL(path) : new URL(`${baseUrl.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`, baseUrl.origin);
  if (url.origin === baseUrl.origin) return url;
  const message = `${name} names a next page at ${url.origin}, which is not its own address ${baseUrl.origin}: refused, because credentials would go there.`;
  throw new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
