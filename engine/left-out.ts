import type { Rejection } from './errors.ts';
import type { Bindings, Expression } from './expression.ts';
import type { JsonObject } from './json.ts';
import { expressionTrouble } from './map-field.ts';
import { isTruthy } from './truthy.ts';

export interface LeavingRules {
  /** True for a record that the source keeps as deleted. */
  readonly tombstone: Expression | undefined;
  readonly filter: Expression | undefined;
  /** Where there are some, a failure is told without values. */
  readonly sensitiveFields: readonly string[];
}

export type LeavingRule = 'tombstone' | 'filter';

/** The record is not to be in the target: the source keeps it as deleted, or the filter leaves it out. Or one of them fails on it, so that nobody can tell. */
export type LeftOut = { readonly reason: LeavingRule } | { readonly failed: LeavingRule; readonly rejection: Rejection };

const PATHS: Readonly<Record<LeavingRule, string>> = { tombstone: 'source.deletes.tombstone', filter: 'source.filter' };

/** Why a record that the source has is not written; undefined where it is to be. */
export async function leftOut({ tombstone, filter, sensitiveFields }: LeavingRules, fields: JsonObject, bindings: Bindings): Promise<LeftOut | undefined> {
  let rule: LeavingRule = 'tombstone';
  try {
    if (tombstone !== undefined && isTruthy(await tombstone.evaluate(fields, bindings))) return { reason: 'tombstone' };
    rule = 'filter';
    if (filter !== undefined && (await filter.evaluate(fields, bindings)) !== true) return { reason: 'filter' };
    return undefined;
  } catch (error) {
    const { message, ...trouble } = expressionTrouble(error, sensitiveFields.length > 0);
    return { failed: rule, rejection: { ...trouble, message: `${PATHS[rule]}: ${message}` } };
  }
}

/** Whether the source has the record as one that the target is to have: what nobody can tell is not taken from it. */
export async function isWanted(rules: LeavingRules, fields: JsonObject, bindings: Bindings): Promise<boolean> {
  const left = await leftOut(rules, fields, bindings);
  return left === undefined || 'rejection' in left;
}
