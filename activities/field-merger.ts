import { Context } from '@temporalio/activity';
import type { Target } from '../connectors/ports.ts';
import { ConflictRules } from '../engine/conflict-rules.ts';
import { compileExpression } from '../engine/expression.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import type { FieldConflict } from '../engine/merge-fields.ts';
import { showValue } from '../engine/show-value.ts';
import type { ChangeOutcome, ClaimedBatch, ClaimedChange, RecordState } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** What is left of a batch beside other people's edits. */
export interface MergedBatch {
  /** Not to be sent: nothing is left, or a person decides. */
  readonly settled: readonly ChangeOutcome[];
  /** By change: the fields that are to be sent. */
  readonly fields: ReadonlyMap<number, JsonObject>;
}

/** Reads what the target has before it is written over, where the sync has rules about other people's edits. */
export class FieldMerger {
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #target: Target;
  readonly #rules: ConflictRules;

  constructor(dependencies: ActivityDependencies, context: RunContext, target: Target) {
    const { conflict, sync } = context.definition;
    this.#dependencies = dependencies;
    this.#context = context;
    this.#target = target;
    const targetTime = conflict.targetTime === undefined ? undefined : compileExpression(conflict.targetTime);
    this.#rules = new ConflictRules(conflict.policy, targetTime, sync.mapping);
  }

  /** A create overwrites nothing, and what has gone is taken away whatever it was. */
  isNeeded({ kind }: Pick<ClaimedBatch, 'kind'>): boolean {
    return (kind === 'update' || kind === 'upsert') && !this.#rules.areNone;
  }

  async merge(batch: ClaimedBatch): Promise<MergedBatch> {
    const { ledger } = this.#dependencies;
    const { scope } = this.#context;
    const keys = batch.changes.map(({ key }) => key);
    const matches = batch.changes.map(({ match }) => match);
    const [told, decided, hits] = await Promise.all([
      ledger.readRecords(scope, keys),
      ledger.readConflictDecisions(scope, keys),
      this.#rules.readsTarget ? this.#target.search(matches, Context.current().cancellationSignal) : new Map<string, readonly Hit[]>(),
    ]);
    const settled: ChangeOutcome[] = [];
    const fields = new Map<number, JsonObject>();
    for (const change of batch.changes) {
      const found = hits.get(change.match) ?? [];
      const theirs = found.find(({ id }) => id === change.targetId) ?? found[0];
      const merged = await this.#mergeOne(change, told.get(change.key), theirs, decided.get(change.key) === change.contentHash);
      if ('outcome' in merged) settled.push(merged);
      else fields.set(change.id, merged.fields);
    }
    return { settled, fields };
  }

  async #mergeOne(
    change: ClaimedChange,
    told: RecordState | undefined,
    hit: Hit | undefined,
    isDecided: boolean,
  ): Promise<ChangeOutcome | { readonly fields: JsonObject }> {
    const { id: changeId, contentHash, fields: ours } = change;
    const theirs = hit?.fields;
    const targetId = hit?.id ?? change.targetId;
    if (contentHash === 'archived') return { fields: ours };
    const edited = { ours, base: told?.fields, theirs, sourceTime: change.sourceVersion, isDecided };
    const { fields, hasNews, kept, conflicts } = await this.#rules.merge(edited);
    if (conflicts.length > 0) return { changeId, outcome: 'held', reason: 'conflict', message: this.#wordsOf(conflicts) };
    return hasNews || kept.length === 0 ? { fields } : { changeId, outcome: 'unchanged', ...(targetId === undefined ? {} : { targetId }) };
  }

  #wordsOf(conflicts: readonly FieldConflict[]): string {
    const shown = (field: string, value: Json) => (value === null ? 'nothing' : showValue(value, this.#context.sensitiveFields.includes(field)));
    return conflicts.map(({ field, ours, theirs }) => `${field}: the source has ${shown(field, ours)}, others set ${shown(field, theirs)}`).join('; ');
  }
}

interface Hit {
  readonly id: string;
  readonly fields: JsonObject;
}
