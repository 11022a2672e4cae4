import type { TableRule } from '../../definition/schema/table.ts';
import type { Json } from '../../engine/json.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { Permit } from '../ports.ts';
import type { Database, RowShape, TypeNames } from './database.ts';
import { quoteName, quoteTable, tablePath } from './names.ts';
import { noTable } from './sql-source.ts';
import { invalid } from './sql-trouble.ts';

/** The type of a column whose values are not known yet: it is only told of, never made. */
const UNKNOWN = '';

/** Of one record: by field the value, undefined where it is not known yet. */
export type FieldValues = Readonly<Record<string, Json | undefined>>;

/** What a table lacks for what is to be written, and the statements that add it. Nothing is ever changed or dropped. */
export interface Additions {
  readonly statements: readonly string[];
  /** For people: `makes the table contacts (id text; key id)`, `adds the column phone text to contacts`. */
  readonly told: readonly string[];
}

export interface NeededTable {
  readonly database: Database;
  readonly table: TableRule;
  /** Columns by which records are matched. */
  readonly match: readonly string[];
  /** Whether writes go by a unique index of these. */
  readonly needsUnique: boolean;
  readonly where: string;
  /** Of one who has a place already. */
  readonly permit?: Permit;
}

/**
 * Compares a table with the fields that are to be written to it.
 * @throws DEFINITION_INVALID where it lacks something that Syncline may not add, with how to let it
 */
export async function planAdditions(needed: NeededTable, shape: RowShape | undefined, records: readonly FieldValues[]): Promise<Additions> {
  const { database, table, match, where } = needed;
  const types = typesOf(records, database.typeNames, table);
  if (shape === undefined) {
    if (table.createTable !== true)
      throw withAdvice(await noTable(database, table.name, where, needed.permit), 'let Syncline make it with "createTable: true"');
    return create(needed, types);
  }
  const known = new Set(shape.columns.map(({ name }) => name));
  const missing = [...types].filter(([name]) => !known.has(name));
  const lacksIndex = needed.needsUnique && !isUnique(shape, match);
  const [first] = missing;
  if (table.widen !== true && first !== undefined) {
    const meant = didYouMean(first[0], known);
    throw invalid(
      `${where}: the table ${table.name} has no column "${first[0]}"${meant}. Correct the mapping, or let Syncline add columns with "widen: true".`,
    );
  }
  const absent = match.find((column) => !known.has(column) && !types.has(column));
  if (absent !== undefined)
    throw invalid(`${where}: the table ${table.name} has no column "${absent}", by which records are to be matched${didYouMean(absent, known)}.`);
  if (lacksIndex && table.widen !== true) {
    const index = `CREATE UNIQUE INDEX ON ${table.name} (${match.join(', ')})`;
    throw invalid(
      `${where}: no unique index of the table ${table.name} is on ${match.join(', ')}, by which records are matched. Make one (${index}), or let Syncline with "widen: true".`,
    );
  }
  const added = missing.map(([name, type]) => ({
    sql: `ALTER TABLE ${quoteTable(table.name)} ADD COLUMN ${quoteName(name)} ${type}`,
    told: `adds the column ${typed(name, type)}`,
  }));
  const index = lacksIndex ? [{ sql: indexStatement(table.name, match), told: `adds a unique index on ${match.join(', ')}` }] : [];
  return { statements: [...added, ...index].map(({ sql }) => sql), told: [...added, ...index].map(({ told }) => `${told} to ${table.name}`) };
}

function create({ table, match, where }: NeededTable, types: ReadonlyMap<string, string>): Additions {
  const key = table.key ?? match;
  const absent = [...key, ...match].find((column) => !types.has(column));
  if (absent !== undefined) throw invalid(`${where}: the table ${table.name} is to be made, and "${absent}", of its key, is not in the mapping.`);
  const columns = [...types].map(([name, type]) => `${quoteName(name)} ${type}${key.includes(name) ? ' NOT NULL' : ''}`);
  const isKey = isSame(key, match);
  const sql = `CREATE TABLE IF NOT EXISTS ${quoteTable(table.name)} (${[...columns, `PRIMARY KEY (${key.map(quoteName).join(', ')})`].join(', ')})`;
  const index = isKey ? [] : [indexStatement(table.name, match)];
  return {
    statements: [sql, ...index],
    told: [`makes the table ${table.name} (${[...types].map(([name, type]) => typed(name, type)).join(', ')}; key ${key.join(', ')})`],
  };
}

/** Of an index that is there in part, the rest is not named: it has a name of its own for each set of columns. */
function indexStatement(table: string, columns: readonly string[]): string {
  const path = tablePath(table);
  const name = `${path.at(-1) ?? table}_${columns.join('_')}_synced`.slice(0, 60);
  // SQLite wants the schema before the name of the index, PostgreSQL none: it is the table's.
  return `CREATE UNIQUE INDEX IF NOT EXISTS ${quoteName(name)} ON ${quoteTable(table)} (${columns.map(quoteName).join(', ')})`;
}

export function isUnique({ unique }: RowShape, columns: readonly string[]): boolean {
  return unique.some((index) => isSame(index, columns));
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((column) => other.includes(column));
}

/** The type of each column: as the object says; else by the first value that is one. What has no value yet needs no column yet. */
function typesOf(records: readonly FieldValues[], names: TypeNames, { columns = {}, syncedAt }: TableRule): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const fields of records) {
    for (const [name, value] of Object.entries(fields)) {
      const declared = Object.hasOwn(columns, name) ? columns[name] : undefined;
      const type = declared ?? typeOf(value, names);
      if (type !== undefined && !types.has(name)) types.set(name, type);
    }
  }
  if (syncedAt !== undefined) types.set(syncedAt, names.time);
  return types;
}

/** Numbers may be whole today and not tomorrow: they get a type that holds both. */
function typeOf(value: Json | undefined, { text, number, boolean, json }: TypeNames): string | undefined {
  switch (typeof value) {
    case 'string':
      return text;
    case 'number':
      return number;
    case 'boolean':
      return boolean;
    case 'undefined':
      return UNKNOWN;
    default:
      return value === null ? undefined : json;
  }
}

function typed(name: string, type: string): string {
  return type === UNKNOWN ? name : `${name} ${type}`;
}

function withAdvice(error: Error, advice: string): Error {
  return invalid(`${error.message} Or ${advice}.`);
}
