import type { Expression } from './expression.ts';
import type { Json, JsonObject } from './json.ts';
import { type ConflictPolicy, type Merged, mergeFields, type WriteRule } from './merge-fields.ts';

type FieldWrites = Readonly<Record<string, string | { readonly write?: WriteRule | undefined }>>;

export interface EditedRecord {
  readonly ours: JsonObject;
  readonly base: JsonObject | undefined;
  readonly theirs: JsonObject | undefined;
  /** When the source says that it was changed. */
  readonly sourceTime: string | undefined;
  /** A person said that the source is to be written. */
  readonly isDecided: boolean;
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
    return this.#policy !== 'source-wins' || Object.values(this.#writes).includes('if-empty');
  }

  async merge({ ours, base, theirs, sourceTime, isDecided }: EditedRecord): Promise<Merged> {
    const policy = isDecided ? 'source-wins' : this.#policy;
    return mergeFields({ ours, base, theirs, policy, isSourceNewer: await this.#isSourceNewer(sourceTime, theirs), writes: this.#writes });
  }

  async #isSourceNewer(sourceTime: string | undefined, theirs: JsonObject | undefined): Promise<boolean | undefined> {
    if (this.#targetTime === undefined || theirs === undefined) return undefined;
    const [ours, others] = [instantOf(sourceTime), instantOf(await this.#targetTime.evaluate(theirs))];
    return ours === undefined || others === undefined || ours === others ? undefined : ours > others;
  }
}

function instantOf(value: Json | undefined): number | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const at = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
