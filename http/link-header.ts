/** The address with rel="next" in a `Link` header (RFC 8288); undefined where there is none. */
export function nextLink(header: string | undefined): string | undefined {
  for (const link of (header ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[^,;=]+=(?:"[^"]*"|[^,;]*))*)/g)) {
    if (/;\s*rel="?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)/i.test(link[2] ?? '')) return link[1];
  }
  return undefined;
}
