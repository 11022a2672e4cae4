import { Context } from '@temporalio/activity';
import type { Target } from '../connectors/ports.ts';
import { compileExpression, type Expression } from '../engine/expression.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import { type FieldConflict, mergeFields, type WriteRule } from '../engine/merge-fields.ts';
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
  readonly #writes: Readonly<Record<string, WriteRule>>;
  readonly #targetTime: Expression | undefined;

  constructor(dependencies: ActivityDependencies, context: RunContext, target: Target) {
    const { conflict, sync } = context.definition;
    this.#dependencies = dependencies;
    this.#context = context;
    this.#target = target;
    this.#writes = writeRulesOf(sync.mapping);
    this.#targetTime = conflict.targetTime === undefined ? undefined : compileExpression(conflict.targetTime);
  }

  /** A create overwrites nothing, and what has gone is taken away whatever it was. */
  isNeeded({ kind }: Pick<ClaimedBatch, 'kind'>): boolean {
    return (kind === 'update' || kind === 'upsert') && (this.#readsTarget || Object.keys(this.#writes).length > 0);
  }

  async merge(batch: ClaimedBatch): Promise<MergedBatch> {
    const { ledger } = this.#dependencies;
    const { scope } = this.#context;
    const keys = batch.changes.map(({ key }) => key);
    const matches = batch.changes.map(({ match }) => match);
    const [told, decided, hits] = await Promise.all([
      ledger.readRecords(scope, keys),
      ledger.readConflictDecisions(scope, keys),
      this.#readsTarget ? this.#target.search(matches, Context.current().cancellationSignal) : new Map<string, readonly Hit[]>(),
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
    const { fields, hasNews, kept, conflicts } = mergeFields({
      ours,
      base: told?.fields,
      theirs,
      policy: isDecided ? 'source-wins' : this.#context.definition.conflict.policy,
      isSourceNewer: await this.#isSourceNewer(change.sourceVersion, theirs),
      writes: this.#writes,
    });
    if (conflicts.length > 0) return { changeId, outcome: 'held', reason: 'conflict', message: this.#wordsOf(conflicts) };
    return hasNews || kept.length === 0 ? { fields } : { changeId, outcome: 'unchanged', ...(targetId === undefined ? {} : { targetId }) };
  }

  async #isSourceNewer(version: string | undefined, theirs: JsonObject | undefined): Promise<boolean | undefined> {
    if (this.#targetTime === undefined || theirs === undefined) return undefined;
    const [ours, others] = [instantOf(version), instantOf(await this.#targetTime.evaluate(theirs))];
    return ours === undefined || others === undefined || ours === others ? undefined : ours > others;
  }

  get #readsTarget(): boolean {
    return this.#context.definition.conflict.policy !== 'source-wins' || Object.values(this.#writes).includes('if-empty');
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

function writeRulesOf(mapping: RunContext['definition']['sync']['mapping']): Readonly<Record<string, WriteRule>> {
  return Object.fromEntries(
    Object.entries(mapping).flatMap(([field, rule]) =>
      typeof rule === 'object' && rule.write !== undefined && rule.write !== 'always' ? [[field, rule.write]] : [],
    ),
  );
}

function instantOf(value: Json | undefined): number | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const at = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
