import { type Document, type ErrorCode, type LineCounter, parseDocument, visit } from 'yaml';

/** One YAML document, and what is wrong with it as YAML. */
export interface ParsedYaml {
  readonly document: Document;
  /** Plain values; undefined where there are problems. */
  readonly value: unknown;
  readonly problems: readonly { readonly offset: number; readonly message: string }[];
}

/** Larger files are not definitions. */
const MAX_CHARACTERS = 2_000_000;
const MAX_DEPTH = 64;
const MAX_ALIASES = 100;

/** The commonest mistakes of YAML itself, in the words of people; others in the parser's. */
const MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  DUPLICATE_KEY: 'this key is there twice',
  MULTIPLE_DOCS: 'one definition a file: a second document begins here',
  TAB_AS_INDENT: 'tabs do not indent in YAML: use spaces',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line: is a quote or a colon missing?',
  TAG_RESOLVE_FAILED: 'tags (!name) mean nothing here',
};

/** Reads a text as one document of YAML 1.2, within bounds. Never throws. */
export function parseYaml(text: string, lines: LineCounter): ParsedYaml {
  const options = { lineCounter: lines, uniqueKeys: true, merge: true, prettyErrors: false, logLevel: 'error' } as const;
  const refused = (message: string) => ({ document: parseDocument('', options), value: undefined, problems: [{ offset: 0, message }] });
  if (text.length > MAX_CHARACTERS) return refused('is too large for a definition');
  const document = withinStack(() => parseDocument(text, options));
  if (document === undefined) return refused('is nested too deeply');
  const problems = [...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
    offset: pos[0],
    message: MESSAGES[code] ?? `cannot be read as YAML: ${message}`,
  }));
  const { yaml } = document.directives ?? {};
  if (yaml?.explicit === true && yaml.version !== '1.2') problems.push({ offset: 0, message: 'only YAML 1.2 is read' });
  problems.push(...alteredNumbers(document));
  return problems.length > 0 ? { document, value: undefined, problems } : { document, ...toPlain(document) };
}

/** Numbers that are read as others than they are written: codes such as 007, ids of too many digits, and as keys all that is not written as a number is. */
function alteredNumbers(document: Document): ParsedYaml['problems'] {
  const problems: { readonly offset: number; readonly message: string }[] = [];
  visit(document, {
    Scalar: (place, { value, source, range, type }) => {
      if (typeof value !== 'number' || type !== 'PLAIN' || source === undefined || !Number.isFinite(value)) return;
      const isCode = /^[+-]?0\d/.test(source);
      const isLong = /^[+-]?\d+$/.test(source) && !Number.isSafeInteger(value);
      const isKey = place === 'key' && source !== String(value);
      if (isCode || isLong || isKey) problems.push({ offset: range?.[0] ?? 0, message: `${source} would be read as the number ${value}: put it in quotes` });
    },
  });
  return problems;
}

function toPlain(document: Document): Pick<ParsedYaml, 'value' | 'problems'> {
  const failed = (message: string) => ({ value: undefined, problems: [{ offset: 0, message }] });
  try {
    const plain = withinStack((): { readonly value: unknown } => ({ value: document.toJS({ maxAliasCount: MAX_ALIASES }) }));
    if (plain === undefined) return failed('is nested too deeply');
    const problem = problemOf(plain.value);
    return problem === undefined ? { value: plain.value, problems: [] } : failed(problem);
  } catch (error) {
    // The parser's own words for aliases that lead nowhere, in circles, or to far too much.
    return failed(`anchors and aliases: ${error instanceof Error ? error.message : 'cannot be read'}`);
  }
}

/** Values that are no definition whatever their keys: too deep (an alias inside itself is endless), or with a key that JavaScript keeps for itself. */
function problemOf(value: unknown): string | undefined {
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth === MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`;
    for (const [key, inner] of Object.entries(next.value)) {
      if (key === '__proto__') return 'the key "__proto__" is not allowed';
      pending.push({ value: inner, depth: next.depth + 1 });
    }
  }
  return undefined;
}

/** The parser recurses: undefined where that takes more than there is. */
function withinStack<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
