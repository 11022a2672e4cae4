const BLOCK_TAGS: ReadonlySet<string> = new Set([
  'br',
  'p',
  'div',
  'li',
  'ul',
  'ol',
  'tr',
  'table',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'pre',
  'hr',
]);
const SILENT_TAGS: readonly string[] = ['script', 'style'];
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * The text of an HTML fragment: tags, comments, scripts and styles left out, block tags as line breaks, the commonest entities decoded. For reading, not
 * for safety: what it gives is
 * plain text and must be escaped where it is shown. Takes time in proportion to its length, whatever the text.
 */
export function stripHtml(html: string): string {
  // of equal length, which toLowerCase of all letters does not promise
  const lower = html.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  let text = '';
  let at = 0;
  let close = -1;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    // remembered, as looking for it again at each < would take for ever
    if (close < open) close = html.indexOf('>', open);
    if (open === -1 || close === -1) break;
    const end = findTagEnd(html, lower, open, close);
    if (end === undefined) {
      // a < that opens no tag is text
      text += html.slice(at, open + 1);
      at = open + 1;
      continue;
    }
    text += html.slice(at, open);
    if (BLOCK_TAGS.has(tagName(lower, open))) text += '\n';
    at = end;
  }
  text += html.slice(at);
  return decodeEntities(text)
    .replaceAll(/[^\S\n]+/gu, ' ')
    .replaceAll(/ ?\n[ \n]*/g, '\n')
    .trim();
}

/** Where the tag or comment at `open` ends; undefined where there is none. */
function findTagEnd(html: string, lower: string, open: number, close: number): number | undefined {
  if (html.startsWith('<!--', open)) return endAfter(html, '-->', open + 4) ?? html.length;
  if (!/[a-z/!?]/.test(lower.charAt(open + 1))) return undefined;
  const name = tagName(lower, open);
  if (!SILENT_TAGS.includes(name)) return close + 1;
  const closing = lower.indexOf(`</${name}`, close);
  return closing === -1 ? html.length : (endAfter(html, '>', closing) ?? html.length);
}

function endAfter(html: string, mark: string, from: number): number | undefined {
  const found = html.indexOf(mark, from);
  return found === -1 ? undefined : found + mark.length;
}

/** The name of a tag, also of a closing one; names are short, so only a few characters are looked at. */
function tagName(lower: string, open: number): string {
  return /^<\/?([a-z][a-z0-9]*)/.exec(lower.slice(open, open + 14))?.[1] ?? '';
}

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole: string, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
}
