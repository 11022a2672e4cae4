import { Context } from '@temporalio/activity';
import { addFoundById } from '../connectors/find-by-id.ts';
import type { FoundRecord, Target } from '../connectors/ports.ts';
import { MOVED_IN_TARGET, type PlannedRecord } from '../engine/as-planned.ts';
import { ConflictRules } from '../engine/conflict-rules.ts';
import { compileExpression } from '../engine/expression.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import { matchFields } from '../engine/match-fields.ts';
import type { FieldConflict } from '../engine/merge-fields.ts';
import type { ChangeKind } from '../engine/outcome.ts';
import type { LearnedFormats } from '../engine/reconcile.ts';
import { MATCH_IS_TAKEN, type SoughtRecord, sameRecord, soughtMatches } from '../engine/same-record.ts';
import { showValue } from '../engine/show-value.ts';
import { shownHash, shownText } from '../engine/shown-text.ts';
import { type ToldFields, toldAfter } from '../engine/told-after.ts';
import type { ChangeOutcome, ClaimedBatch, ClaimedChange, RecordState } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** What is left of a batch beside other people's edits. */
export interface MergedBatch {
  /** Not to be sent: nothing is left, or a person decides. */
  readonly settled: readonly ChangeOutcome[];
  /** By change: what is to be sent. */
  readonly toSend: ReadonlyMap<number, SentFields>;
}

export interface SentFields {
  readonly fields: JsonObject;
  /** The version of the target's record that they were merged with. */
  readonly etag?: string;
  /** What the target has been told then, where that is not just what the change says. */
  readonly told?: ToldFields;
}

/** Reads what the target has before it is written over, where the sync has rules about other people's edits. */
export class FieldMerger {
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #target: Target;
  readonly #rules: ConflictRules;
  /** The run keeps to a plan, and the target can be asked whether it is still what the plan saw. */
  readonly #keepsToPlan: boolean;
  #formats: Promise<LearnedFormats> | undefined;

  constructor(dependencies: ActivityDependencies, context: RunContext, target: Target) {
    const { conflict, sync } = context.definition;
    this.#dependencies = dependencies;
    this.#context = context;
    this.#target = target;
    const targetTime = conflict.targetTime === undefined ? undefined : compileExpression(conflict.targetTime);
    this.#rules = new ConflictRules(conflict.policy, targetTime, sync.mapping);
    this.#keepsToPlan = context.run.options.plan !== undefined && target.canSearch;
  }

  /** A create overwrites nothing, and what has gone is taken away whatever it was. */
  isNeeded({ kind }: Pick<ClaimedBatch, 'kind'>): boolean {
    return (kind === 'update' || kind === 'upsert') && (this.#keepsToPlan || this.#needsEtag(kind) || this.#sendsNewsOnly(kind) || !this.#rules.areNone);
  }

  /** @param isRepeat sent before, its answer lost: what the target shows may be what was sent */
  async merge(batch: ClaimedBatch, isRepeat: boolean): Promise<MergedBatch> {
    const { ledger } = this.#dependencies;
    const { scope, run } = this.#context;
    const keepsToPlan = this.#keepsToPlan && !isRepeat;
    const asks = (this.#rules.readsTarget && this.#target.canSearch) || keepsToPlan || this.#needsEtag(batch.kind);
    const keys = batch.changes.map(({ key }) => key);
    const told = await ledger.readRecords(scope, keys);
    const [decided, hits, planned] = await Promise.all([
      ledger.readConflictDecisions(scope, keys),
      asks ? this.#search(batch.changes, told) : new Map<string, readonly FoundRecord[]>(),
      keepsToPlan ? ledger.readPlanned(run.id, keys) : undefined,
    ]);
    const settled: ChangeOutcome[] = [];
    const toSend = new Map<number, SentFields>();
    for (const change of batch.changes) {
      const { theirs, isTaken } = sameRecord(soughtOf(change, told), hits);
      if (planned !== undefined && this.#hasMoved(planned.get(change.key), theirs)) {
        settled.push({ changeId: change.id, outcome: 'skipped', reason: MOVED_IN_TARGET, ...(theirs === undefined ? {} : { targetId: theirs.id }) });
        continue;
      }
      const isDecided = decided.get(change.key) === change.contentHash;
      if (isTaken && !isDecided && this.#rules.readsTarget) {
        settled.push({ changeId: change.id, outcome: 'held', reason: 'conflict', message: MATCH_IS_TAKEN });
        continue;
      }
      const isGone = asks && theirs === undefined && change.kind === 'upsert';
      const merged = await this.#mergeOne(change, told.get(change.key), theirs, { isDecided, isGone });
      if ('outcome' in merged) settled.push(merged);
      else
        toSend.set(change.id, {
          fields: this.#newsOf(batch.kind, merged.fields, told.get(change.key)),
          ...(theirs?.etag === undefined ? {} : { etag: theirs.etag }),
          ...(merged.told === undefined ? {} : { told: merged.told }),
        });
    }
    return { settled, toSend };
  }

  async #search(changes: readonly ClaimedChange[], told: ReadonlyMap<string, RecordState>): ReturnType<Target['search']> {
    const signal = Context.current().cancellationSignal;
    const { matchOn } = this.#context.definition.sync.target;
    const sought = changes.map((change) => soughtOf(change, told));
    const hits = await this.#target.search(sought.flatMap(soughtMatches), signal);
    return addFoundById(hits, sought, { source: this.#context.targetAsSource(), matchOn, signal });
  }

  /** A run that sets references leaves all else alone, where the target takes parts of a record. */
  #sendsNewsOnly(kind: ChangeKind): boolean {
    return this.#context.run.options.references === true && this.#target.abilities[kind]?.merges === true;
  }

  /** What the target was not told yet, and the field by which it finds the record. */
  #newsOf(kind: ChangeKind, fields: JsonObject, told: RecordState | undefined): JsonObject {
    const base = told?.fields;
    if (base === undefined || !this.#sendsNewsOnly(kind)) return fields;
    const match = matchFields(this.#context.definition.sync.target.matchOn);
    const isNews = (field: string, value: Json) => !Object.hasOwn(base, field) || shownText(base[field]) !== shownText(value);
    return Object.fromEntries(Object.entries(fields).filter(([field, value]) => match.includes(field) || isNews(field, value)));
  }

  #needsEtag(kind: ChangeKind): boolean {
    return this.#target.abilities[kind]?.needsEtag === true && this.#target.canSearch;
  }

  /** Whether the target shows another record than the plan saw there. */
  #hasMoved(planned: PlannedRecord | undefined, hit: FoundRecord | undefined): boolean {
    if (planned?.action === 'archive') return false;
    const fields = Object.keys(this.#context.definition.sync.mapping);
    return planned?.shownHash !== (hit === undefined ? undefined : shownHash(fields, hit.fields, this.#dependencies.sha256));
  }

  async #mergeOne(
    change: ClaimedChange,
    told: RecordState | undefined,
    hit: FoundRecord | undefined,
    { isDecided, isGone }: { readonly isDecided: boolean; readonly isGone: boolean },
  ): Promise<ChangeOutcome | SentFields> {
    const { id: changeId, contentHash, fields: ours } = change;
    const theirs = hit?.fields;
    const targetId = hit?.id ?? change.targetId;
    if (contentHash === 'archived') return { fields: ours };
    const isAnew = isGone || told?.contentHash === 'archived';
    const edited = { ours, base: told?.fields, theirs, sourceTime: change.sourceVersion, isDecided, isAnew, formats: await this.#knownFormats() };
    const { fields, hasNews, kept, conflicts } = await this.#rules.merge(edited);
    if (conflicts.length > 0) return { changeId, outcome: 'held', reason: 'conflict', message: this.#wordsOf(conflicts) };
    const after = toldAfter({ sent: fields, kept, base: told?.fields, mapped: Object.keys(this.#context.definition.sync.mapping) });
    const more = after === undefined ? {} : { told: after };
    return hasNews || kept.length === 0 ? { fields, ...more } : { changeId, outcome: 'unchanged', ...(targetId === undefined ? {} : { targetId }), ...more };
  }

  #knownFormats(): Promise<LearnedFormats> {
    const { ledger } = this.#dependencies;
    this.#formats ??= ledger.readReconciliation(this.#context.scope).then((last) => ({ ...last?.formats, ...this.#context.definition.formats }));
    return this.#formats;
  }

  #wordsOf(conflicts: readonly FieldConflict[]): string {
    const shown = (field: string, value: Json) => (value === null ? 'nothing' : showValue(value, this.#context.sensitiveFields.includes(field)));
    return conflicts.map(({ field, ours, theirs }) => `${field}: the source has ${shown(field, ours)}, others set ${shown(field, theirs)}`).join('; ');
  }
}

function soughtOf({ kind, key, match, targetId }: ClaimedChange, told: ReadonlyMap<string, RecordState>): SoughtRecord {
  return { kind, match, toldMatch: told.get(key)?.match, targetId };
}
