import { createHash } from 'node:crypto';
import { addFoundById } from '../../connectors/find-by-id.ts';
import type { Source, SourceRecord } from '../../connectors/ports.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { archivedFields, modeOf } from '../../definition/sync-mode.ts';
import { ConflictRules } from '../../engine/conflict-rules.ts';
import { hashContent } from '../../engine/content-hash.ts';
import { type Decision, decideChange, type TargetAbilities } from '../../engine/diff.ts';
import type { Rejection } from '../../engine/errors.ts';
import { compileExpression, type Expression, evaluateOrNothing } from '../../engine/expression.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import { keepTold } from '../../engine/keep-told.ts';
import { isWanted, type LeavingRule, type LeavingRules, leftOut } from '../../engine/left-out.ts';
import type { Mapping } from '../../engine/map-record.ts';
import { lacksReferencesOnly, mergeRejections } from '../../engine/mapping-result.ts';
import type { LearnedFormats } from '../../engine/reconcile.ts';
import { MATCH_IS_TAKEN, type SoughtRecord, sameRecord, soughtMatches } from '../../engine/same-record.ts';
import { shownHash } from '../../engine/shown-text.ts';
import type { Ledger, RecordState } from '../../ledger/ledger.ts';
import { changedFields } from './changed-fields.ts';
import type { PlannedTarget } from './patient-reads.ts';
import type { PlannedChange } from './plan.ts';
import type { Lookups } from './read-lookups.ts';

/** What would become of one record. */
export type Entry =
  | { readonly outcome: 'change'; readonly change: PlannedChange /** Fields that stay as they are in the target. */; readonly kept: readonly string[] }
  | { readonly outcome: 'unchanged'; readonly kept: readonly string[] }
  | { readonly outcome: 'skipped'; readonly reason: SkipReason }
  | {
      readonly outcome: 'rejected' | 'held';
      readonly rejection: Rejection /** Which rule fails on it, so that it is not even mapped. */;
      readonly failed?: LeavingRule;
    };

/** It has left by tombstone, filter, or among what the source tells as deleted (`gone`); or the mode leaves alone what the target has (`exists`), or what it has not (`not-in-target`). */
export type SkipReason = 'tombstone' | 'filter' | 'gone' | 'exists' | 'not-in-target';

interface PlannerOptions {
  readonly definition: ResolvedSync;
  readonly mapping: Mapping;
  readonly scope: string;
  readonly ledger: Ledger;
  readonly target: PlannedTarget;
  /** The target's object as what is read, where it can be. */
  readonly targetAsSource?: Source | undefined;
  readonly lookups: Lookups;
  readonly now: number;
  readonly signal: AbortSignal;
  /** Told of each record that the target was asked for and has, with what it shows of it. */
  onFound?(key: string, fields: JsonObject): void;
}

type Change = Extract<Decision, { disposition: 'change' }>;

/** Decides record by record what a run would do, as the run itself decides it, and asks the target what it has. Writes nothing. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #mapping: Mapping;
  readonly #rules: LeavingRules;
  readonly #abilities: TargetAbilities;
  readonly #conflicts: ConflictRules;
  /** When the source says that a record was changed. */
  readonly #sourceTime: Expression | undefined;
  #formats: Promise<LearnedFormats> | undefined;
  /** By match value: would be created by an earlier record of this very plan. */
  readonly #created = new Set<string>();

  constructor(options: PlannerOptions) {
    const { conflict, sync } = options.definition;
    const { source, mapping } = sync;
    const { abilities } = options.target;
    this.#options = options;
    this.#mapping = options.mapping;
    this.#rules = {
      tombstone: source.deletes?.tombstone === undefined ? undefined : compileExpression(source.deletes.tombstone),
      filter: source.filter === undefined ? undefined : compileExpression(source.filter),
      sensitiveFields: Object.entries(mapping).flatMap(([name, rule]) => (typeof rule === 'object' && rule.sensitive === true ? [name] : [])),
    };
    const compiled = (text: string | undefined) => (text === undefined ? undefined : compileExpression(text));
    this.#conflicts = new ConflictRules(conflict.policy, compiled(conflict.targetTime), mapping);
    this.#sourceTime = compiled(source.incremental?.cursorField ?? conflict.sourceTime);
    this.#abilities = { upsert: abilities.upsert !== undefined, create: abilities.create !== undefined, update: abilities.update !== undefined };
  }

  /** Whether the source has the record and the sync wants it: it is not to be deleted. */
  isWanted(fields: JsonObject): Promise<boolean> {
    return isWanted(this.#rules, fields, { now: this.#options.now });
  }

  /** @returns by key, in the order of the page */
  async plan(records: readonly SourceRecord[]): Promise<ReadonlyMap<string, Entry>> {
    const { ledger, scope, lookups, now } = this.#options;
    const answers = await lookups.answersFor(this.#mapping, records, { now });
    const states = await ledger.readRecords(
      scope,
      records.map(({ key }) => key),
    );
    const entries = new Map<string, Entry>();
    const changes: Change[] = [];
    for (const record of records) {
      const { key, fields } = record;
      const left = await leftOut(this.#rules, fields, { now });
      if (left !== undefined) {
        entries.set(key, 'reason' in left ? { outcome: 'skipped', ...left } : { outcome: 'rejected', ...left });
        continue;
      }
      const mapped = await this.#mapping.map(fields, answers, { now });
      if (!mapped.ok) {
        entries.set(key, { outcome: lacksReferencesOnly(mapped.rejections) ? 'held' : 'rejected', rejection: mergeRejections(mapped.rejections) });
        continue;
      }
      const decision = this.#decide(record, keepTold(mapped, states.get(key)), states.get(key));
      if (decision.disposition === 'change') changes.push(decision);
      entries.set(key, entryOf(decision));
    }
    for (const [key, entry] of await this.#compare(changes, states)) entries.set(key, entry);
    return entries;
  }

  #decide({ key, fields: source }: SourceRecord, fields: JsonObject, known: RecordState | undefined): Decision {
    const { definition, now } = this.#options;
    const { matchOn } = definition.sync.target;
    const record = { key, fields, contentHash: hashContent(fields, sha256), source, bytes: 0 };
    return decideChange({ record, known, matchOn, abilities: this.#abilities, mode: modeOf(definition.sync.target), now });
  }

  /** Looks the records up in the target: which are there, and what would change in them. */
  async #compare(decisions: readonly Change[], states: ReadonlyMap<string, RecordState>): Promise<readonly (readonly [string, Entry])[]> {
    const { definition, target, targetAsSource, ledger, scope, signal } = this.#options;
    const sought = decisions.map(({ key, change }) => soughtOf(change, states.get(key)));
    const matches = sought.flatMap(soughtMatches);
    const { matchOn } = definition.sync.target;
    const [hits, decided] = await Promise.all([
      target.canSearch && matches.length > 0 ? target.search(matches, signal) : undefined,
      ledger.readConflictDecisions(
        scope,
        decisions.map(({ key }) => key),
      ),
    ]);
    const found = hits === undefined ? new Map<string, readonly Hit[]>() : await addFoundById(hits, sought, { source: targetAsSource, matchOn, signal });
    const entries: [string, Entry][] = [];
    for (const decision of decisions) {
      const { key, change } = decision;
      entries.push([key, await this.#entryOf(decision, found, { known: states.get(key), isDecided: decided.get(key) === change.contentHash })]);
    }
    return entries;
  }

  async #entryOf({ key, change }: Change, found: ReadonlyMap<string, readonly Hit[]>, { known, isDecided }: Met): Promise<Entry> {
    const { definition, target } = this.#options;
    const mode = modeOf(definition.sync.target);
    const hits = found.get(change.match) ?? [];
    const sought = soughtOf(change, known);
    const { theirs: hit, isTaken } = sameRecord(sought, found);
    if (isTaken && !isDecided && this.#conflicts.readsTarget)
      return { outcome: 'held', rejection: { reason: 'conflict', message: MATCH_IS_TAKEN, retry: 'later' } };
    const isElsewhere = known?.match !== undefined && !soughtMatches(sought).includes(known.match);
    const isTold = change.targetId !== undefined || known?.contentHash !== undefined;
    // What was told and is found no more, others have deleted: an upsert makes it anew, and an update finds nothing.
    const isMissed = isTold && hit === undefined && target.canSearch && !isElsewhere && !this.#created.has(change.match);
    if (isMissed && change.kind === 'update' && !(this.#abilities.upsert && mode !== 'update')) return { outcome: 'rejected', rejection: missing() };
    const isThere = hit !== undefined || (isTold && !isMissed) || this.#created.has(change.match);
    if (hits.length > 1 && change.targetId === undefined && change.kind === 'create' && mode !== 'insert')
      return { outcome: 'held', rejection: several(hits.length) };
    if (hit !== undefined) this.#options.onFound?.(key, hit.fields);
    if (isThere && mode === 'insert') return { outcome: 'skipped', reason: 'exists' };
    if (!isThere && mode === 'update') return { outcome: 'skipped', reason: 'not-in-target' };
    const targetId = change.targetId ?? hit?.id;
    const shown = hit === undefined ? {} : { shownHash: shownHash(Object.keys(definition.sync.mapping), hit.fields, sha256) };
    const named = { key, match: change.match, contentHash: change.contentHash, ...(targetId === undefined ? {} : { targetId }), ...shown };
    if (!isThere) {
      this.#created.add(change.match);
      const created = { action: 'create', ...named, fields: changedFields(change.fields, undefined, undefined) } as const;
      return { outcome: 'change', change: created, kept: [] };
    }
    const sourceTime = asText(await evaluateOrNothing(this.#sourceTime, change.source));
    const isAnew = known?.contentHash === 'archived';
    const edited = { ours: change.fields, base: known?.fields, theirs: hit?.fields, sourceTime, isDecided, isAnew, formats: await this.#knownFormats() };
    const { fields, hasNews, kept, conflicts } = await this.#conflicts.merge(edited);
    if (conflicts.length > 0) return { outcome: 'held', rejection: bothChanged(conflicts.map(({ field }) => field)) };
    if (!hasNews && kept.length > 0) return { outcome: 'unchanged', kept };
    const updated = { action: 'update', ...named, fields: changedFields(fields, hit?.fields, known?.fields) } as const;
    return { outcome: 'change', change: updated, kept };
  }

  #knownFormats(): Promise<LearnedFormats> {
    const { ledger, scope, definition } = this.#options;
    this.#formats ??= ledger.readReconciliation(scope).then((last) => ({ ...last?.formats, ...definition.formats }));
    return this.#formats;
  }

  /** What would be done to a record that has gone. */
  planDelete({ key, match = '', targetId, fields: told }: RecordState): PlannedChange {
    const archived = archivedFields(this.#options.definition.sync.target);
    const named = targetId === undefined ? {} : { targetId };
    if (archived === undefined) return { action: 'delete', key, match, contentHash: 'deleted', ...named, fields: [] };
    return { action: 'archive', key, match, contentHash: 'archived', ...named, fields: changedFields(archived, undefined, told) };
  }
}

function soughtOf({ kind, match, targetId }: Change['change'], known: RecordState | undefined): SoughtRecord {
  return { kind, match, targetId, toldMatch: known?.match };
}

/** What the ledger knows of a record. */
interface Met {
  readonly known: RecordState | undefined;
  /** A person said that this content is to be written, whatever others changed. */
  readonly isDecided: boolean;
}

interface Hit {
  readonly id: string;
  readonly fields: JsonObject;
}

function entryOf(decision: Decision): Entry {
  switch (decision.disposition) {
    case 'unchanged':
      return { outcome: 'unchanged', kept: [] };
    case 'rejected':
      return { outcome: 'rejected', rejection: decision.rejection };
    case 'held':
      return { outcome: 'held', rejection: { reason: decision.reason, message: decision.message, retry: 'later' } };
    default:
      return { outcome: 'skipped', reason: 'exists' };
  }
}

function bothChanged(fields: readonly string[]): Rejection {
  return { reason: 'conflict', message: `changed on both sides: ${fields.join(', ')}`, retry: 'later' };
}

function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function missing(): Rejection {
  return { reason: 'target-missing', message: 'The target no longer has this record.', retry: 'later' };
}

function several(count: number): Rejection {
  return { reason: 'conflict', message: `The target has ${count} records with this match key: merge them there, then retry.`, retry: 'later' };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
