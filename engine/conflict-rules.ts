import { cursorInstant, cursorText } from './cursor-value.ts';
import { type Expression, evaluateOrNothing } from './expression.ts';
import type { Json, JsonObject } from './json.ts';
import { type ConflictPolicy, type Merged, mergeFields, type WriteRule } from './merge-fields.ts';
import type { LearnedFormats } from './reconcile.ts';

type FieldWrites = Readonly<Record<string, string | { readonly write?: WriteRule | undefined }>>;

export interface EditedRecord {
  readonly ours: JsonObject;
  readonly base: JsonObject | undefined;
  readonly theirs: JsonObject | undefined;
  /** When the source says that it was changed. */
  readonly sourceTime: string | undefined;
  /** A person said that the source is to be written. */
  readonly isDecided: boolean;
  /** As `MergeInput` has them. */
  readonly isAnew: boolean;
  readonly formats: LearnedFormats;
}

/** What a sync says of other people's edits. */
export class ConflictRules {
  readonly #policy: ConflictPolicy;
  readonly #targetTime: Expression | undefined;
  readonly #writes: Readonly<Record<string, WriteRule>>;

  /** @param targetTime in a target record: when it was changed */
  constructor(policy: ConflictPolicy, targetTime: Expression | undefined, mapping: FieldWrites) {
    this.#policy = policy;
    this.#targetTime = targetTime;
    this.#writes = Object.fromEntries(
      Object.entries(mapping).flatMap(([field, rule]) =>
        typeof rule === 'object' && rule.write !== undefined && rule.write !== 'always' ? [[field, rule.write]] : [],
      ),
    );
  }

  /** Whether a record can be written as it is, whatever others did. */
  get areNone(): boolean {
    return this.#policy === 'source-wins' && Object.keys(this.#writes).length === 0;
  }

  /** Whether the target must be read before it is written over. */
  get readsTarget(): boolean {
    return this.#policy !== 'source-wins' || Object.keys(this.#writes).length > 0;
  }

  async merge({ sourceTime, isDecided, ...edited }: EditedRecord): Promise<Merged> {
    const policy = isDecided ? 'source-wins' : this.#policy;
    return mergeFields({ ...edited, policy, isSourceNewer: await this.#isSourceNewer(sourceTime, edited.theirs), writes: this.#writes });
  }

  async #isSourceNewer(sourceTime: string | undefined, theirs: JsonObject | undefined): Promise<boolean | undefined> {
    if (this.#targetTime === undefined || theirs === undefined) return undefined;
    const [ours, others] = [instantOf(sourceTime), instantOf(await evaluateOrNothing(this.#targetTime, theirs))];
    return ours === undefined || others === undefined || ours === others ? undefined : ours > others;
  }
}

/** What names no zone is in UTC, wherever this runs. */
function instantOf(value: Json | undefined): number | undefined {
  const text = cursorText(value);
  return text === undefined ? undefined : cursorInstant(text);
}
