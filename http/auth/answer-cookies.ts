/** Name and value of each cookie that an answer sets (RFC 6265 section 4.1); what else is said of it is for browsers. @param header its Set-Cookie headers, joined by commas */
export function readCookies(header: string | undefined): Readonly<Record<string, string>> {
  // The comma of a date is followed by a blank and digits, never by a name.
  const cookies = (header ?? '').split(/,\s*(?=[^\s;,=]+=)/).flatMap((cookie): [string, string][] => {
    const [, name, value = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
    return name === undefined ? [] : [[name, value.trim().replace(/^"(.*)"$/, '$1')]];
  });
  return Object.fromEntries(cookies);
}
