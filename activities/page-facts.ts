import type { SourceRecord, UnreadableRecord } from '../connectors/ports.ts';
import type { PlannedRecord } from '../engine/as-planned.ts';
import { laterCursorValue } from '../engine/cursor-value.ts';
import { decideRejection } from '../engine/diff.ts';
import type { Bindings } from '../engine/expression.ts';
import type { Json } from '../engine/json.ts';
import { reasonLeftOut } from '../engine/left-out.ts';
import type { AnswerLookup } from '../engine/map-record.ts';
import type { RecordState, StagedRecord } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findLookups } from './find-lookups.ts';
import type { ReadPage } from './read-page.ts';
import type { RunContext } from './run-context.ts';

/** What must be known of a page before its records can be decided: all that the ledger is asked. */
export interface PageFacts {
  /** Records to be mapped. */
  readonly kept: readonly SourceRecord[];
  /** Decided already: what a filter left out, what has gone, what cannot be read. */
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
  const leftOut: StagedRecord[] = [
    ...(page.gone ?? []).map((key) => ({ disposition: 'skipped', key, reason: 'gone' }) as const),
    ...(page.unread ?? []).map((key) => ({ disposition: 'skipped', key, reason: 'no-payload' }) as const),
  ];
  const versions = new Map<string, string>();
  let maxCursorValue: string | undefined;
  for (const record of page.records) {
    const value = context.cursorField?.evaluate(record.fields, bindings);
    const version = asText(value instanceof Promise ? await value : value);
    if (version !== undefined) versions.set(record.key, version);
    maxCursorValue = laterCursorValue(maxCursorValue, version);
    const reason = isAnyLeftOut ? await reasonLeftOut(context, record.fields, bindings) : undefined;
    if (reason === undefined) kept.push(record);
    else leftOut.push({ disposition: 'skipped', key: record.key, reason });
  }
  const keys = kept.map(({ key }) => key);
  const [answers, states, unreadable, planned] = await Promise.all([
    findLookups(dependencies, context, kept, bindings),
    keys.length === 0 ? new Map<string, RecordState>() : dependencies.ledger.readRecords(context.scope, keys),
    rejectUnreadable(dependencies, context, page.unreadable ?? []),
    context.run.options.plan === undefined ? undefined : dependencies.ledger.readPlanned(context.run.id, keys),
  ]);
  leftOut.push(...unreadable);
  return { kept, leftOut, versions, maxCursorValue, answers, states, planned };
}

/** What expressions know beside the record. */
export function bindingsOf({ run }: RunContext): Bindings {
  return { now: run.startedAt ?? run.requestedAt };
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

function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
