/** What may stand between two values: blanks, line breaks, commas of a list that has no brackets; and what RFC 7464 puts before each. */
const BETWEEN = /[\s,]/;
const RECORD_SEPARATOR = '\u001e';

/**
 * Cuts a text in which objects and lists of JSON follow each other, whatever stands between them, into one text each; whether these are JSON is seen by who parses them.
 * @returns undefined where there is something else
 */
export function splitJson(text: string): readonly string[] | undefined {
  const values: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const first = text.charAt(at);
    if (first === RECORD_SEPARATOR || BETWEEN.test(first)) continue;
    const end = first === '{' || first === '[' ? endOfValue(text, at) : undefined;
    if (end === undefined) return undefined;
    values.push(text.slice(at, end + 1));
    at = end;
  }
  return values;
}

/** Whether a text begins as JSON does, and ends in its middle. */
export function isCutJson(text: string): boolean {
  return /^[{[]/.test(text) && endOfValue(text, 0) === undefined;
}

/** The bracket that closes the one at `start`; undefined where there is none. */
function endOfValue(text: string, start: number): number | undefined {
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (isQuoted) {
      if (character === '\\') at += 1;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return undefined;
}
