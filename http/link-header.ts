/** One link: its target, then parameters whose values are quoted (and may hold commas) or not. */
const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)/g;
const RELATION = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i;

/** The address with rel="next" in a `Link` header (RFC 8288 section 3); undefined where there is none. */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target, parameters] of (header ?? '').matchAll(LINK)) {
    const relation = RELATION.exec(parameters ?? '');
    const types = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/);
    if (types.includes('next')) return target?.trim();
  }
  return undefined;
}
