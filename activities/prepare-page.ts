import type { SourceRecord, UnreadableRecord } from '../connectors/ports.ts';
import { isAsPlanned, MOVED_IN_SOURCE, type PlannedRecord } from '../engine/as-planned.ts';
import { utf8Bytes } from '../engine/bytes.ts';
import { canonicalJson } from '../engine/content-hash.ts';
import { laterCursorValue } from '../engine/cursor-value.ts';
import { decideChange, decideRejection } from '../engine/diff.ts';
import type { Json } from '../engine/json.ts';
import { keepTold } from '../engine/keep-told.ts';
import { reasonLeftOut } from '../engine/left-out.ts';
import { refLookupName } from '../engine/map-record.ts';
import { lacksReferencesOnly, type MappingResult, mergeRejections } from '../engine/mapping-result.ts';
import type { RecordState, StagedRecord } from '../ledger/ledger.ts';
import type { RememberedPage } from '../ledger/page-memory.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findLookups } from './find-lookups.ts';
import type { ReadPage } from './read-page.ts';
import type { RunContext } from './run-context.ts';

/** A page ready to be staged. */
export interface PreparedPage {
  readonly records: readonly StagedRecord[];
  /** The largest value of the incremental field on the page. */
  readonly maxCursorValue: string | undefined;
  /** By key, of what was mapped. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** Filters, maps and compares the records of one page: what is to be done with each, decided by the engine alone. */
export async function preparePage(dependencies: ActivityDependencies, context: RunContext, page: ReadPage): Promise<PreparedPage> {
  if (page.remembered !== undefined) return asRemembered(page.remembered);
  const bindings = { now: context.run.startedAt ?? context.run.requestedAt };
  const isAnyLeftOut = context.filter !== undefined || context.tombstone !== undefined;
  const kept: SourceRecord[] = [];
  const records: StagedRecord[] = [
    ...(page.gone ?? []).map((key) => ({ disposition: 'skipped', key, reason: 'gone' }) as const),
    ...(page.unread ?? []).map((key) => ({ disposition: 'skipped', key, reason: 'no-payload' }) as const),
  ];
  const versions = new Map<string, string>();
  const hashes = new Map<string, string>();
  let maxCursorValue: string | undefined;
  for (const record of page.records) {
    const value = context.cursorField?.evaluate(record.fields, bindings);
    const version = asText(value instanceof Promise ? await value : value);
    if (version !== undefined) versions.set(record.key, version);
    maxCursorValue = laterCursorValue(maxCursorValue, version);
    const reason = isAnyLeftOut ? await reasonLeftOut(context, record.fields, bindings) : undefined;
    if (reason === undefined) kept.push(record);
    else records.push({ disposition: 'skipped', key: record.key, reason });
  }
  const answers = await findLookups(dependencies, context, kept, bindings);
  const states = await dependencies.ledger.readRecords(
    context.scope,
    kept.map((record) => record.key),
  );
  records.push(...(await rejectUnreadable(dependencies, context, page.unreadable ?? [])));
  const planned = await readPlanned(dependencies, context, kept);
  for (const record of kept) {
    const mapping = context.mapping.map(record.fields, answers, bindings);
    const mapped = mapping instanceof Promise ? await mapping : mapping;
    const known = states.get(record.key);
    const decision = decide(dependencies, context, { record, sourceVersion: versions.get(record.key) }, mapped, known);
    const hash = decision.disposition === 'change' ? decision.change.contentHash : known?.contentHash;
    if (hash !== undefined) hashes.set(record.key, hash);
    records.push(planned === undefined ? decision : keptToPlan(decision, planned.get(record.key)));
  }
  // A record tried again says nothing of how far the list was read.
  return { records, maxCursorValue: page.isRetry === true ? undefined : maxCursorValue, hashes };
}

/** What cannot be read as a record has no fields: it is rejected by the place where it stands, and passes when that is another. */
async function rejectUnreadable({ ledger, sha256 }: ActivityDependencies, { scope }: RunContext, unreadable: readonly UnreadableRecord[]) {
  if (unreadable.length === 0) return [];
  const states = await ledger.readRecords(
    scope,
    unreadable.map(({ key }) => key),
  );
  return unreadable.map(({ key, message, content }) =>
    decideRejection({ key, source: {}, contentHash: sha256(content) }, states.get(key), { reason: 'unreadable', message, retry: 'never' }),
  );
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

/** @returns undefined where the run has no plan */
async function readPlanned({ ledger }: ActivityDependencies, { run }: RunContext, records: readonly SourceRecord[]) {
  if (run.options.plan === undefined) return undefined;
  return ledger.readPlanned(
    run.id,
    records.map(({ key }) => key),
  );
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

function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
