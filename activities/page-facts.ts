import type { SourceRecord, UnreadableRecord } from '../connectors/ports.ts';
import type { PlannedRecord } from '../engine/as-planned.ts';
import { canonicalJson } from '../engine/content-hash.ts';
import { laterCursorValue } from '../engine/cursor-value.ts';
import { decideRejection } from '../engine/diff.ts';
import type { Rejection } from '../engine/errors.ts';
import { type Bindings, evaluateOrNothing } from '../engine/expression.ts';
import type { Json } from '../engine/json.ts';
import { leftOut } from '../engine/left-out.ts';
import type { AnswerLookup } from '../engine/map-record.ts';
import type { RecordState, StagedRecord } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findLookups } from './find-lookups.ts';
import type { ReadPage } from './read-page.ts';
import type { RunContext } from './run-context.ts';
import { Turns } from './turns.ts';

/** What must be known of a page before its records can be decided: all that the ledger is asked. */
export interface PageFacts {
  /** Records to be mapped. */
  readonly kept: readonly SourceRecord[];
  /** Decided already: what a filter left out or failed on, what has gone, what cannot be read. */
  readonly leftOut: readonly StagedRecord[];
  /** By key, of the incremental field. */
  readonly versions: ReadonlyMap<string, string>;
  /** The largest of them. */
  readonly maxCursorValue: string | undefined;
  readonly answers: AnswerLookup;
  readonly states: ReadonlyMap<string, RecordState>;
  /** By key, where the run has a plan. */
  readonly planned: ReadonlyMap<string, PlannedRecord> | undefined;
}

export async function findPageFacts(dependencies: ActivityDependencies, context: RunContext, page: ReadPage): Promise<PageFacts> {
  const bindings = bindingsOf(context);
  const isAnyLeftOut = context.filter !== undefined || context.tombstone !== undefined;
  const kept: SourceRecord[] = [];
  const decided: StagedRecord[] = [
    ...(page.gone ?? []).map((key) => ({ disposition: 'skipped', key, reason: 'gone' }) as const),
    ...(page.unread ?? []).map((key) => ({ disposition: 'skipped', key, reason: 'no-payload' }) as const),
  ];
  const failed: FailedRecord[] = [];
  const versions = new Map<string, string>();
  let maxCursorValue: string | undefined;
  const turns = new Turns();
  for (const record of page.records) {
    const turn = turns.next();
    if (turn !== undefined) await turn;
    const value = evaluateOrNothing(context.cursorField, record.fields, bindings);
    const version = asText(value instanceof Promise ? await value : value);
    if (version !== undefined) versions.set(record.key, version);
    maxCursorValue = laterCursorValue(maxCursorValue, version);
    const left = isAnyLeftOut ? await leftOut(context, record.fields, bindings) : undefined;
    if (left === undefined) kept.push(record);
    else if ('reason' in left) decided.push({ disposition: 'skipped', key: record.key, reason: left.reason });
    else failed.push({ record, rejection: left.rejection });
  }
  const keys = kept.map(({ key }) => key);
  const [answers, states, rejected, unreadable, planned] = await Promise.all([
    findLookups(dependencies, context, kept, bindings),
    keys.length === 0 ? new Map<string, RecordState>() : dependencies.ledger.readRecords(context.scope, keys),
    rejectFailed(dependencies, context, failed),
    rejectUnreadable(dependencies, context, page.unreadable ?? []),
    context.run.options.plan === undefined ? undefined : dependencies.ledger.readPlanned(context.run.id, keys),
  ]);
  decided.push(...rejected, ...unreadable);
  return { kept, leftOut: decided, versions, maxCursorValue, answers, states, planned };
}

/** What expressions know beside the record. */
export function bindingsOf({ run }: RunContext): Bindings {
  return { now: run.startedAt ?? run.requestedAt };
}

interface FailedRecord {
  readonly record: SourceRecord;
  readonly rejection: Rejection;
}

/** Of what a filter fails on nobody can tell whether it is wanted: it is rejected, and passes when the record or the filter is another. */
async function rejectFailed({ ledger, sha256 }: ActivityDependencies, { scope, mappingHash }: RunContext, failed: readonly FailedRecord[]) {
  if (failed.length === 0) return [];
  const states = await ledger.readRecords(
    scope,
    failed.map(({ record }) => record.key),
  );
  return failed.map(({ record: { key, fields: source }, rejection }) =>
    decideRejection({ key, source, contentHash: sha256(`${mappingHash}${canonicalJson(source)}${rejection.message}`) }, states.get(key), rejection),
  );
}

/** What cannot be read as a record has no fields: it is rejected by its key or the place where it stands, and passes when that is another. */
async function rejectUnreadable({ ledger, sha256 }: ActivityDependencies, { scope }: RunContext, unreadable: readonly UnreadableRecord[]) {
  if (unreadable.length === 0) return [];
  const states = await ledger.readRecords(
    scope,
    unreadable.map(({ key }) => key),
  );
  return unreadable.map(({ key, message, content, reason = 'unreadable' }) =>
    decideRejection({ key, source: {}, contentHash: sha256(content) }, states.get(key), { reason, message, retry: 'never' }),
  );
}

function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
