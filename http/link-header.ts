/** One link: its target, then parameters whose values are quoted (and may hold commas) or not. Some quote by an apostrophe, or leave a parameter empty. */
const LINK = /<([^>]*)>((?:\s*;(?:\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|'[^'"<>]*'|[^\s;,"]*))?)?)*)/g;
const PARAMETER = /;\s*([^\s=;,]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^'"<>]*)'|([^\s;,"]*))/g;

/** The address with rel="next" in a `Link` header (RFC 8288 section 3); undefined where there is none. */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters] of (header ?? '').matchAll(LINK)) {
    const [, , quoted, single, plain] = [...(parameters ?? '').matchAll(PARAMETER)].find(([, name]) => name?.toLowerCase() === 'rel') ?? [];
    const types = (quoted ?? single ?? plain ?? '').toLowerCase().split(/\s+/);
    if (types.includes('next')) return target?.trim();
  }
  return undefined;
}
