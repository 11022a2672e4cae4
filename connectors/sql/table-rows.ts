import type { TableRule } from '../../definition/schema/table.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { OutgoingRecord, Permit } from '../ports.ts';
import type { Database, RowShape } from './database.ts';
import { type FieldValues, type NeededTable, planAdditions } from './prepare-table.ts';
import { requireColumns } from './rows.ts';

/** So often a table is looked at before a write: once to see, once after others and we have added to it, once more where they were quicker. */
const MOST_ROUNDS = 3;

/** What a table looks like, and what is added to it before a write. */
export class TableRows {
  readonly #options: { readonly database: Database; readonly table: TableRule };
  readonly #match: readonly string[];
  readonly #where: string;
  #known: Promise<RowShape | undefined> | undefined;

  constructor(options: { readonly database: Database; readonly table: TableRule }, match: readonly string[], where: string) {
    this.#options = options;
    this.#match = match;
    this.#where = where;
  }

  shape(permit?: Permit): Promise<RowShape | undefined> {
    const { database, table } = this.#options;
    this.#known ??= database.describeTable(table.name, permit).catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    });
    return this.#known;
  }

  /** The next one who asks is told anew: the table may be another since. */
  forget(): void {
    this.#known = undefined;
  }

  keyOf(shape: RowShape): readonly string[] {
    const { table } = this.#options;
    const key = table.key ?? (shape.key.length > 0 ? shape.key : this.#match);
    requireColumns(shape, key, `${this.#where}: the table ${table.name}`);
    return key;
  }

  /** What would be added. */
  async foresee(kind: ChangeKind, records: readonly FieldValues[]): Promise<readonly string[]> {
    const { database, table } = this.#options;
    const needed: NeededTable = { database, table, match: this.#match, needsUnique: kind === 'upsert', where: this.#where };
    return (await planAdditions(needed, await this.shape(), records)).told;
  }

  /** Adds what may be added. @throws DEFINITION_INVALID where the table cannot take these records */
  async readyFor(kind: ChangeKind, records: readonly OutgoingRecord[], permit: Permit): Promise<RowShape> {
    const { database, table } = this.#options;
    const needed: NeededTable = { database, table, match: this.#match, needsUnique: kind === 'upsert', where: this.#where, permit };
    const written = kind === 'delete' ? [] : records.map(({ fields }) => fields);
    for (let round = 1; ; round++) {
      const shape = await this.shape(permit);
      const { statements } = await planAdditions(needed, shape, written);
      if (shape !== undefined && statements.length === 0) return shape;
      try {
        await database.alter(statements, this.#where, permit);
      } catch (error) {
        // Others may have added the same meanwhile: what is there then is looked at again.
        if (round >= MOST_ROUNDS) throw error;
      }
      this.forget();
    }
  }
}
