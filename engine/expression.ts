import jsonata from 'jsonata';
import { addDigests } from './digest-functions.ts';
import { ExpressionError, evaluationError, hasRunTooLong, syntaxError } from './expression-error.ts';
import { findReferences } from './expression-paths.ts';
import { fixTime, INSTANT_BINDING } from './fixed-time.ts';
import type { Json } from './json.ts';
import type { MaybePromise } from './maybe-promise.ts';
import { compilePath } from './path-expression.ts';
import { NotPlainJson, toPlainJson } from './plain-json.ts';

/** Variables of an evaluation by name, used as `$name`. `now` (milliseconds since the epoch) is the time that `$now()` and `$millis()` tell. */
export interface Bindings {
  readonly now?: number | undefined;
  readonly [name: string]: unknown;
}

/** A compiled JSONata expression. Immutable, safe to use for many records at once. */
export interface Expression {
  readonly source: string;
  /** A plain path: `evaluate` then answers at once and never throws. */
  readonly isPath: boolean;
  /** The dotted paths it reads from its input, as well as can be told without evaluating it. */
  readonly paths: readonly string[];
  /** It asks what time it is: its value changes while the record stays as it is. */
  readonly readsClock: boolean;
  /**
   * @returns plain JSON, or undefined where there is no value; a promise of it where the expression is more than a plain path
   * @throws ExpressionError (rejects with it, where it is no path)
   */
  evaluate(input: unknown, bindings?: Bindings): MaybePromise<Json | undefined>;
}

/** What an expression may cost; a definition mistake must not take a worker down. */
export interface ExpressionLimits {
  /** Of one try. @default 2000 */
  readonly timeoutMs: number;
  /** Nested evaluations. @default 300 */
  readonly depth: number;
  /** Elements of any list it makes. @default 100000 */
  readonly listLength: number;
  /** Values in the result. @default 2000000 */
  readonly maxValues: number;
  /** Characters of text in the result. @default 64000000 */
  readonly maxCharacters: number;
}

const DEFAULT_LIMITS: ExpressionLimits = { timeoutMs: 2_000, depth: 300, listLength: 100_000, maxValues: 2_000_000, maxCharacters: 64_000_000 };

/** Time goes on while a process stands still: only what is too slow each time is taken for an expression without end. */
const TRIES = 3;

const CLOCKS: ReadonlySet<string> = new Set(['now', 'millis']);

const REFUSED: Readonly<Record<string, string>> = {
  random: 'gives another value each time, so no record would ever be unchanged',
  shuffle: 'gives another order each time, so no record would ever be unchanged',
  eval: 'runs text from records as code',
};

/**
 * Compiles a JSONata expression. Plain paths get a fast path that is equal to JSONata.
 * @throws ExpressionError with the position of a syntax error, or of `$random`, `$shuffle` and `$eval`, which are refused
 */
export function compileExpression(source: string, limits: Partial<ExpressionLimits> = {}): Expression {
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  const compiled = parse(source, bounds);
  const tree: unknown = compiled.ast();
  const { paths, variables } = findReferences(tree);
  for (const { name, position } of variables) {
    const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    if (why === undefined) continue;
    throw new ExpressionError({
      message: `$${name} is not available here: it ${why}`,
      source,
      position: position === undefined ? undefined : position - name.length - 1,
    });
  }
  const readPath = compilePath(tree);
  if (readPath !== undefined) return { source, isPath: true, paths, readsClock: false, evaluate: readPath };
  const names = variables.map(({ name }) => name);
  fixTime(compiled, source, names);
  addDigests(compiled, source, names);
  const readsClock = names.some((name) => CLOCKS.has(name));
  return { source, isPath: false, paths, readsClock, evaluate: (input, bindings) => evaluateInFull(compiled, source, bounds, input, bindings) };
}

/** The value that an expression gives of a record; one on which it fails is like one that has none. */
export function evaluateOrNothing(expression: Expression | undefined, input: unknown, bindings?: Bindings): MaybePromise<Json | undefined> {
  const value = expression?.evaluate(input, bindings);
  if (!(value instanceof Promise)) return value;
  return value.catch((error: unknown) => {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  });
}

/**
 * The top-level fields of a record that an expression reads, as well as can be told without evaluating it: for "did you mean" checks.
 * @throws ExpressionError as `compileExpression` does
 */
export function referencedFields(source: string): readonly string[] {
  const fields = compileExpression(source).paths.map((path) =>
    /^(?:`([^`]*)`|([^.]+))/
      .exec(path)
      ?.slice(1)
      .find((name) => name !== undefined),
  );
  return [...new Set(fields.filter((field) => field !== undefined))];
}

function parse(source: string, limits: ExpressionLimits): jsonata.Expression {
  try {
    return jsonata(source, { timeout: limits.timeoutMs, stack: limits.depth, sequence: limits.listLength });
  } catch (thrown) {
    throw syntaxError(source, thrown);
  }
}

async function evaluateInFull(
  compiled: jsonata.Expression,
  source: string,
  limits: ExpressionLimits,
  input: unknown,
  bindings: Bindings = {},
): Promise<Json | undefined> {
  const { now, ...variables } = bindings;
  for (let tries = 1; ; tries++) {
    try {
      // an explicit undefined hides the time of an enclosing evaluation
      const result: unknown = await compiled.evaluate(input, { ...variables, [INSTANT_BINDING]: now });
      return toPlainJson(result, limits);
    } catch (thrown) {
      if (thrown instanceof NotPlainJson) throw new ExpressionError({ message: `the expression ${thrown.message}`, source });
      if (!hasRunTooLong(thrown) || tries === TRIES) throw evaluationError(source, thrown);
    }
  }
}
