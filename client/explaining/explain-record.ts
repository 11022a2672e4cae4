import { targetAsSource } from '../../connectors/find-by-id.ts';
import type { OpenConnection, SourceRecord } from '../../connectors/ports.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { wantedOfTarget } from '../../definition/wanted-of-target.ts';
import { compositeKey } from '../../engine/composite-key.ts';
import type { findHint } from '../../engine/hints.ts';
import { syncScope } from '../../engine/ids.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { LeavingRule } from '../../engine/left-out.ts';
import type { MappingTrace } from '../../engine/mapping-result.ts';
import { matchFields } from '../../engine/match-fields.ts';
import type { Ledger, RecordState } from '../../ledger/ledger.ts';
import { openMapping } from '../planning/open-mapping.ts';
import { type Entry, Planner } from '../planning/planner.ts';
import { Lookups } from '../planning/read-lookups.ts';
import type { ResolvedWithHash } from '../project.ts';
import { explainField } from './explain-field.ts';
import { explainOutcome } from './explain-outcome.ts';
import type { Explanation } from './explanation.ts';

export interface ExplainOptions extends ResolvedWithHash {
  readonly ledger: Ledger;
  readonly hints: Parameters<typeof findHint>[1];
  open(connection: string): OpenConnection;
  readonly signal: AbortSignal;
}

/** Maps a record as a run does, telling each step, and says what a run would do with it. Reads lookups and target; writes nothing. */
export async function explainRecord(record: SourceRecord, options: ExplainOptions): Promise<Explanation> {
  const { definition, ledger, hints, open, signal } = options;
  const { ref, sync } = definition;
  const at = Date.now();
  const scope = syncScope(ref);
  const mapping = await openMapping(definition, ledger);
  const lookups = new Lookups(definition, ledger);
  const asked = await mapping.lookupValues(record.fields, { now: at });
  await lookups.read(open, signal, new Set(asked.map(({ lookup }) => lookup)));
  const trace = await mapping.trace(record.fields, await lookups.answersFor(mapping, [record], { now: at }), { now: at });
  const target = open(sync.target.connection).target(sync.target.object, sync.target.matchOn, undefined, wantedOfTarget(definition));
  let theirs: JsonObject | undefined;
  const onFound = (_: string, fields: JsonObject) => {
    theirs = fields;
  };
  const planner = new Planner({
    definition,
    mapping,
    scope,
    ledger,
    target,
    targetAsSource: targetAsSource(definition, open),
    lookups,
    now: at,
    signal,
    onFound,
  });
  const entry = (await planner.plan([record])).get(record.key);
  const known = (await ledger.readRecords(scope, [record.key])).get(record.key);
  if (entry === undefined) throw new Error('a plan has an entry for each of its records');
  const targetId = targetIdOf(entry, known);
  const url = targetId === undefined ? undefined : target.webUrl(targetId);
  return {
    sync: ref.sync,
    key: record.key,
    isKnown: known !== undefined,
    at: new Date(at).toISOString(),
    source: `${sync.source.connection} ${sync.source.object}`,
    target: `${sync.target.connection} ${sync.target.object}`,
    ...matchOf(definition, trace),
    ...(targetId === undefined ? {} : { targetId }),
    ...(url === undefined ? {} : { url }),
    ...(await changedSince(options, scope)),
    rules: rulesOf(definition, entry),
    fields: trace.fields.map(explainField),
    outcome: explainOutcome({ definition, trace, entry, known, theirs, hints }),
    missing: trace.result.missing ?? [],
  };
}

function targetIdOf(entry: Entry, known: RecordState | undefined): string | undefined {
  return (entry.outcome === 'change' ? entry.change.targetId : undefined) ?? known?.targetId;
}

/** What was sent by a run of another definition may differ for that alone. */
async function changedSince({ ledger, hash }: ExplainOptions, scope: string): Promise<{ readonly changedSince?: string }> {
  const [last] = await ledger.listRuns(scope, 1, 'live');
  return last?.definitionHash === undefined || last.definitionHash === hash ? {} : { changedSince: last.id };
}

function matchOf({ sync }: ResolvedSync, { fields }: MappingTrace): { readonly match?: string } {
  const values = matchFields(sync.target.matchOn).map((name) => {
    const found = fields.find(({ field }) => field === name);
    return found === undefined ? undefined : explainField(found).value;
  });
  const match = compositeKey(values);
  return match === undefined ? {} : { match };
}

function rulesOf({ sync: { source } }: ResolvedSync, entry: Entry): Explanation['rules'] {
  const reason = entry.outcome === 'skipped' ? entry.reason : undefined;
  const failed = 'failed' in entry ? entry.failed : undefined;
  const told = (rule: LeavingRule, expression = '') => ({ rule, expression, leavesOut: reason === rule, ...(failed === rule ? { fails: true as const } : {}) });
  const rules = [told('tombstone', source.deletes?.tombstone), told('filter', source.filter)];
  // What has left by its tombstone is not filtered any more.
  const isDecided = [reason, failed].includes('tombstone');
  return rules.filter(({ rule, expression }) => expression !== '' && !(rule === 'filter' && isDecided));
}
