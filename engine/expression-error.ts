import { isJsonObject } from './json.ts';

/** An expression or template that cannot be read, or that failed on a record. */
export class ExpressionError extends Error {
  readonly source: string;
  /** Where in `source` the trouble is, counted in characters from 0; absent where it is not known. */
  readonly position: number | undefined;
  /** The words of the language itself. May quote record values: show it only where the record may be shown. `message` never quotes them. */
  readonly detail: string;

  constructor(options: { readonly message: string; readonly source: string; readonly position?: number | undefined; readonly detail?: string | undefined }) {
    super(options.message);
    this.name = 'ExpressionError';
    this.source = options.source;
    this.position = options.position;
    this.detail = options.detail ?? options.message;
  }
}

/** Line and column, both from 1, of a character offset: for messages such as `contacts.yaml:14:5`. */
export function lineAndColumn(text: string, position: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** What JSONata threw at parse time, as an ExpressionError. JSONata throws plain objects: code, message, position (after the token), token. */
export function syntaxError(source: string, thrown: unknown): ExpressionError {
  const { code, message, position } = readThrown(source, thrown);
  // a RangeError of the parser's own recursion is the only thing without a code
  if (code === undefined) return new ExpressionError({ message: 'the expression is nested too deeply', source });
  return new ExpressionError({ message, source, position });
}

/** What JSONata threw while evaluating, as an ExpressionError whose message quotes no value. */
export function evaluationError(source: string, thrown: unknown): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown;
  const { code, message, position } = readThrown(source, thrown);
  const known = code === undefined ? undefined : (LIMIT_MESSAGES[code] ?? `the expression failed on this record (JSONata ${code})`);
  return new ExpressionError({ message: known ?? 'the expression failed on this record', source, position, detail: message });
}

const TOO_LONG = 'D1012';

/** Whether JSONata ended an evaluation by the clock. */
export function hasRunTooLong(thrown: unknown): boolean {
  return isJsonObject(thrown) && thrown['code'] === TOO_LONG;
}

const LIMIT_MESSAGES: Readonly<Record<string, string>> = {
  D1011: 'the expression recurses too deeply',
  [TOO_LONG]: 'the expression ran for too long',
  D2014: 'the expression makes a list that is too long',
  D2015: 'the expression makes a list that is too long',
};

function readThrown(source: string, thrown: unknown): { code: string | undefined; message: string; position: number | undefined } {
  const fallback = thrown instanceof Error ? thrown.message : 'unknown failure';
  if (!isJsonObject(thrown)) return { code: undefined, message: fallback, position: undefined };
  const { code, message, position, token } = thrown;
  return {
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' ? message : fallback,
    position: typeof position === 'number' ? startOfToken(source, position, token) : undefined,
  };
}

/** JSONata counts to the end of a token; people look for its beginning. */
function startOfToken(source: string, end: number, token: unknown): number {
  if (typeof token !== 'string' && typeof token !== 'number') return Math.min(end, source.length);
  const text = String(token);
  const start = end - text.length;
  return start >= 0 && source.slice(start, end) === text ? start : Math.min(end, source.length);
}
