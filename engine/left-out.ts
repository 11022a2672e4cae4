import type { Bindings, Expression } from './expression.ts';
import type { JsonObject } from './json.ts';
import { isTruthy } from './truthy.ts';

export interface LeavingRules {
  /** True for a record that the source keeps as deleted. */
  readonly tombstone: Expression | undefined;
  readonly filter: Expression | undefined;
}

/** Why a record that the source has is not to be in the target: it is kept there as deleted, or the filter leaves it out. */
export async function reasonLeftOut({ tombstone, filter }: LeavingRules, fields: JsonObject, bindings: Bindings): Promise<'tombstone' | 'filter' | undefined> {
  if (tombstone !== undefined && isTruthy(await tombstone.evaluate(fields, bindings))) return 'tombstone';
  if (filter !== undefined && (await filter.evaluate(fields, bindings)) !== true) return 'filter';
  return undefined;
}
