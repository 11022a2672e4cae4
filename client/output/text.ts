import { stripVTControlCharacters } from 'node:util';

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;
/** What colours a text. */
const STYLE = new RegExp(`(${String.fromCodePoint(0x1b)}\\[[\\d;]*m)`);
/** A column for each of its characters: what our own output is made of. */
const NARROW = /^[\x20-\x7e\u00a0-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u27bf]*$/;
/** What a terminal obeys and does not show. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
let segmenter: Intl.Segmenter | undefined;

/** Made when it is needed: it takes as long as several modules. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Columns that a text takes in a terminal: colours take none, wide characters two. */
export function textWidth(text: string): number {
  const bare = stripVTControlCharacters(text);
  if (NARROW.test(bare)) return bare.length;
  let width = 0;
  for (const { segment } of graphemes(bare)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Fills with spaces up to a width. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const filling = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + filling : filling + text;
}

/** Cuts to a width, with `…` for what is gone. For text without colours. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let taken = 0;
  for (const { segment } of graphemes(text)) {
    taken += textWidth(segment);
    if (taken > width - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** As `cut`, for text with colours: they are ended where it is cut. */
export function cutStyled(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const [open = '', ...parts] = text.split(STYLE);
  let kept = cut(open, width);
  for (let at = 0; at < parts.length && textWidth(kept) < width; at += 2) {
    const [style = '', words = ''] = parts.slice(at, at + 2);
    const room = width - textWidth(kept);
    // What follows may be as wide as the room and not the end.
    kept += style + (textWidth(words) < room ? words : cut(`${words} `, room));
  }
  return `${kept}\u001b[0m`;
}

/** Text from outside (an API's words, a record's value) on one line, without control characters that a terminal would obey. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, ' ').replaceAll(UNSEEN, '').trim();
}

/** Text from outside as one word of a command to be copied: in quotes only where a shell needs them. */
export function quoted(text: string): string {
  const word = stripVTControlCharacters(text).replaceAll(UNSEEN, '');
  return /^[\w./:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Breaks a text at spaces into lines of at most `width`. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** `1 record`, `2 records`, `5,000 records`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
