import { isTruthy } from '../connectors/truthy.ts';
import type { JsonObject } from '../engine/json.ts';
import type { RunContext } from './run-context.ts';

/** Why a record that the source has is not to be in the target: it is kept there as deleted, or the filter leaves it out. */
export async function reasonLeftOut(
  context: Pick<RunContext, 'tombstone' | 'filter' | 'run'>,
  fields: JsonObject,
): Promise<'tombstone' | 'filter' | undefined> {
  const bindings = { now: context.run.startedAt ?? context.run.requestedAt };
  if (context.tombstone !== undefined && isTruthy(await context.tombstone.evaluate(fields, bindings))) return 'tombstone';
  if (context.filter !== undefined && (await context.filter.evaluate(fields, bindings)) !== true) return 'filter';
  return undefined;
}
