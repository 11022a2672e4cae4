import type { SourceRecord } from '../connectors/ports.ts';
import type { Bindings } from '../engine/expression.ts';
import type { LookupAnswer } from '../engine/field-rule.ts';
import type { Json } from '../engine/json.ts';
import type { AnswerLookup } from '../engine/map-record.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';
import { Turns } from './turns.ts';

/** Finds what a page's records look up, in one question to the ledger for each lookup: no request per record, no race for the same owner. */
export async function findLookups(
  dependencies: ActivityDependencies,
  context: RunContext,
  records: readonly SourceRecord[],
  bindings: Bindings,
): Promise<AnswerLookup> {
  const wanted = new Map<string, Set<string>>();
  const turns = new Turns();
  for (const record of records) {
    const turn = turns.next();
    if (turn !== undefined) await turn;
    const asked = context.mapping.lookupValues(record.fields, bindings);
    for (const { lookup, value } of asked instanceof Promise ? await asked : asked) {
      const values = wanted.get(lookup) ?? new Set<string>();
      wanted.set(lookup, values.add(value));
    }
  }
  const found = new Map<string, ReadonlyMap<string, readonly Json[]>>();
  for (const [lookup, values] of wanted) {
    const scope = context.references.get(lookup);
    found.set(
      lookup,
      scope === undefined
        ? await dependencies.ledger.findLookupEntries(context.run.id, lookup, [...values])
        : await findReferences(dependencies, scope, [...values]),
    );
  }
  return (lookup, value) => answerOf(found.get(lookup)?.get(value) ?? []);
}

/** The target ids that another sync has for these keys. */
async function findReferences(dependencies: ActivityDependencies, scope: string, keys: readonly string[]): Promise<ReadonlyMap<string, readonly Json[]>> {
  const records = await dependencies.ledger.readRecords(scope, keys);
  return new Map([...records].flatMap(([key, { targetId }]) => (targetId === undefined ? [] : [[key, [targetId]]])));
}

function answerOf(ids: readonly Json[]): LookupAnswer {
  const [id, second] = ids;
  if (id === undefined) return { found: 'none' };
  return second === undefined ? { found: 'one', id } : { found: 'many', count: ids.length };
}
