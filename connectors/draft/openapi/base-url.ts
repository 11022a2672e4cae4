import type { JsonObject } from '../../../engine/json.ts';
import { fieldsAt, listAt, textAt } from './parts.ts';

/**
 * Where a description says that its API is; undefined where it names no place.
 * @param source where the description was read, if it was read by HTTP: what it names may be relative to that
 */
export function describedBaseUrl(description: JsonObject, source: string | undefined): string | undefined {
  const named = textAt(description, 'swagger') === undefined ? serverOf(description) : placeOf(description, source);
  if (named === undefined || !URL.canParse(named, source)) return undefined;
  const { href, protocol } = new URL(named, source);
  return /^https?:$/.test(protocol) ? href.replace(/\/$/, '') : undefined;
}

function serverOf(description: JsonObject): string | undefined {
  const servers = listAt(description, 'servers');
  const server = servers.find((each) => textAt(each, 'url')?.startsWith('https://')) ?? servers[0];
  // Without servers, OpenAPI 3 means "/" (section 4.8.1).
  const url = textAt(server, 'url') ?? '/';
  return url.replaceAll(/\{([^}]*)\}/g, (whole, name: string) => textAt(fieldsAt(server, 'variables'), name, 'default') ?? whole);
}

/** Swagger 2.0: `schemes`, `host` and `basePath`, each of which may be missing. */
function placeOf(description: JsonObject, source: string | undefined): string {
  const path = textAt(description, 'basePath') ?? '/';
  const host = textAt(description, 'host');
  if (host === undefined) return path;
  const schemes = listAt(description, 'schemes');
  const own = source === undefined || !URL.canParse(source) ? 'https' : new URL(source).protocol.replace(':', '');
  const scheme = schemes.includes('https') ? 'https' : schemes.includes('http') ? 'http' : own;
  return `${scheme}://${host}${path}`;
}
