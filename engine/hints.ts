import type { Rejection } from './errors.ts';
import type { Hint } from './hint-catalogue.ts';
import { HINT_CATALOGUE } from './hint-catalogue.ts';

export type { Hint };

const compiled = new WeakMap<readonly Hint[], readonly { readonly pattern: RegExp; readonly hint: string }[]>();

/**
 * The first hint that fits: of the connector, which knows its API, else of the general catalogue. In the general catalogue, single quoted words of a message do
 * not count, as they often are record values.
 */
export function findHint(rejection: Pick<Rejection, 'reason' | 'message' | 'apiCode'>, connectorHints: readonly Hint[] = []): string | undefined {
  const codes = `${rejection.reason} ${rejection.apiCode ?? ''}`;
  const own = first(connectorHints, `${codes} ${rejection.message}`);
  return own ?? first(HINT_CATALOGUE, codes) ?? first(HINT_CATALOGUE, rejection.message.replaceAll(/"[^"\s]*"/g, '""'));
}

function first(hints: readonly Hint[], text: string): string | undefined {
  return compile(hints).find(({ pattern }) => pattern.test(text))?.hint;
}

function compile(hints: readonly Hint[]): readonly { readonly pattern: RegExp; readonly hint: string }[] {
  const known = compiled.get(hints);
  if (known !== undefined) return known;
  const patterns = hints.flatMap(({ match, hint }) => {
    const pattern = toPattern(match);
    return pattern === undefined ? [] : [{ pattern, hint }];
  });
  compiled.set(hints, patterns);
  return patterns;
}

/** A pattern that is none hides its own hint only; `check` names it. */
function toPattern(match: string): RegExp | undefined {
  try {
    return new RegExp(match, 'i');
  } catch {
    return undefined;
  }
}
