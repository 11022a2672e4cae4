import type { SourceRecord } from '../connectors/ports.ts';
import { isAsPlanned, MOVED_IN_SOURCE, type PlannedRecord } from '../engine/as-planned.ts';
import { utf8Bytes } from '../engine/bytes.ts';
import { canonicalJson } from '../engine/content-hash.ts';
import { decideChange, decideRejection } from '../engine/diff.ts';
import { keepTold } from '../engine/keep-told.ts';
import { refLookupName } from '../engine/map-record.ts';
import { lacksReferencesOnly, type MappingResult, mergeRejections } from '../engine/mapping-result.ts';
import type { RecordState, StagedRecord } from '../ledger/ledger.ts';
import type { RememberedPage } from '../ledger/page-memory.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { bindingsOf, type PageFacts } from './page-facts.ts';
import type { ReadPage } from './read-page.ts';
import type { RunContext } from './run-context.ts';
import { Turns } from './turns.ts';

/** A page ready to be staged. */
export interface PreparedPage {
  readonly records: readonly StagedRecord[];
  /** The largest value of the incremental field on the page. */
  readonly maxCursorValue: string | undefined;
  /** By key, of what was mapped. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** Maps and compares the records of one page: what is to be done with each, decided by the engine alone. */
export async function preparePage(dependencies: ActivityDependencies, context: RunContext, page: ReadPage, facts: PageFacts): Promise<PreparedPage> {
  if (page.remembered !== undefined) return asRemembered(page.remembered);
  const bindings = bindingsOf(context);
  const { answers, states, planned, versions } = facts;
  const hashes = new Map<string, string>();
  const records: StagedRecord[] = [...facts.leftOut];
  const turns = new Turns();
  for (const record of facts.kept) {
    const turn = turns.next();
    if (turn !== undefined) await turn;
    const mapping = context.mapping.map(record.fields, answers, bindings);
    const mapped = mapping instanceof Promise ? await mapping : mapping;
    const known = states.get(record.key);
    const decision = decide(dependencies, context, { record, sourceVersion: versions.get(record.key) }, mapped, known);
    const hash = decision.disposition === 'change' ? decision.change.contentHash : known?.contentHash;
    if (hash !== undefined) hashes.set(record.key, hash);
    records.push(planned === undefined ? decision : keptToPlan(decision, planned.get(record.key)));
  }
  // A record tried again says nothing of how far the list was read.
  return { records, maxCursorValue: page.isRetry === true ? undefined : facts.maxCursorValue, hashes };
}

/** What came of it then comes of it now. */
function asRemembered({ records, maxCursorValue }: RememberedPage): PreparedPage {
  return {
    records: records.map((record) =>
      'reason' in record ? { disposition: 'skipped', key: record.key, reason: record.reason } : { disposition: 'unchanged', key: record.key },
    ),
    maxCursorValue,
    hashes: new Map(),
  };
}

/** A change that a person did not see in the plan is not made. */
function keptToPlan(decision: StagedRecord, planned: PlannedRecord | undefined): StagedRecord {
  if (decision.disposition !== 'change' || isAsPlanned(planned, decision.change.contentHash)) return decision;
  return { disposition: 'skipped', key: decision.key, reason: MOVED_IN_SOURCE };
}

function decide(
  dependencies: ActivityDependencies,
  context: RunContext,
  read: { readonly record: SourceRecord; readonly sourceVersion: string | undefined },
  mapped: MappingResult,
  known: RecordState | undefined,
): StagedRecord {
  const { key, fields: source } = read.record;
  const references = (mapped.missing ?? []).map((missing) => ({ scope: context.references.get(refLookupName(missing.sync)) ?? '', key: missing.key }));
  if (!mapped.ok && lacksReferencesOnly(mapped.rejections)) {
    const { message } = mergeRejections(mapped.rejections);
    return { disposition: 'held', key, reason: 'missing-reference', message, source, awaits: { references, source } };
  }
  if (!mapped.ok) {
    // What a record lacks today it may get by a change of itself, of the mapping, or of a lookup table: all are part of what was refused.
    const contentHash = dependencies.sha256(
      `${context.mappingHash}${canonicalJson(source)}${canonicalJson(mapped.rejections.map((rejection) => rejection.message))}`,
    );
    return decideRejection({ key, source, contentHash }, known, mergeRejections(mapped.rejections));
  }
  const fields = keepTold(mapped, known);
  const canonical = canonicalJson(fields);
  const contentHash = dependencies.sha256(canonical);
  if (context.run.options.adopt === true && known?.contentHash !== undefined) return { disposition: 'skipped', key, reason: 'adopted-before' };
  const decision = decideChange({
    record: {
      key,
      fields,
      contentHash,
      source,
      sourceVersion: read.sourceVersion,
      bytes: utf8Bytes(canonical),
    },
    known,
    matchOn: context.definition.sync.target.matchOn,
    abilities: context.abilities,
    mode: context.mode,
    now: dependencies.now(),
    force: context.run.options.retry === true || context.run.options.keys !== undefined,
  });
  return references.length === 0 ? decision : { ...decision, awaits: { references, contentHash, source } };
}
