import type { ResolvedConnection } from '../../definition/resolved.ts';
import type { TableRule } from '../../definition/schema/table.ts';
import { compositeKey, keyParts } from '../../engine/composite-key.ts';
import { matchFields } from '../../engine/match-fields.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { FoundRecord, OutgoingRecord, RequestObserver, Target, WriteAbility } from '../ports.ts';
import { timed } from '../timed.ts';
import type { Database } from './database.ts';
import { quoteTable } from './names.ts';
import { requireColumns } from './rows.ts';
import { noTable } from './sql-source.ts';
import { TableRows } from './table-rows.ts';

const MAX_RECORDS = 1_000;
const MAX_BYTES = 4_000_000;
/** Statements of one process at once. */
export const DEFAULT_CONCURRENCY = 4;

export interface SqlTargetOptions {
  readonly database: Database;
  readonly connection: ResolvedConnection;
  readonly objectName: string;
  readonly table: TableRule;
  readonly matchOn: string;
  readonly observer: RequestObserver | undefined;
}

/** Writes the rows of a table. A batch is one transaction: it is written as a whole, or refused. */
export function openSqlTarget(options: SqlTargetOptions): Target {
  const { database, connection, objectName, table } = options;
  const where = `${connection.name}.${objectName}`;
  const told = { connection: connection.name, objectName, observer: options.observer };
  const match = matchFields(options.matchOn);
  const rows = new TableRows(options, match, where);

  const send: Target['send'] = ({ kind, records, permit, checkBeforeDispatch, observer }) =>
    timed(
      told,
      METHODS[kind],
      async () => {
        try {
          const shape = await rows.readyFor(kind, records, permit);
          const known = new Set(shape.columns.map(({ name }) => name));
          const batch = {
            kind,
            table: quoteTable(table.name),
            shape,
            key: rows.keyOf(shape),
            match,
            syncedAt: table.syncedAt,
            records: records.map((record) => withoutUnborn(record, known)),
          };
          return await database.write(batch, permit, checkBeforeDispatch, where);
        } catch (error) {
          rows.forget();
          throw error;
        } finally {
          permit.release();
        }
      },
      observer,
    );

  const search: Target['search'] = (values, signal) =>
    timed(told, 'SELECT', async () => {
      const shape = await rows.shape();
      if (shape === undefined || match.some((name) => shape.columns.every((column) => column.name !== name))) {
        if (shape === undefined && table.createTable !== true) throw await noTable(database, table.name, where);
        if (shape !== undefined && table.widen !== true) requireColumns(shape, match, `${where}: the table ${table.name}`);
        return new Map();
      }
      const asked = values.map((value) => ({ value, parts: keyParts(value, match.length) ?? [] })).filter(({ parts }) => parts.length === match.length);
      const found = await database.find(
        quoteTable(table.name),
        shape,
        match,
        asked.map(({ parts }) => parts),
        where,
        signal,
      );
      const key = rows.keyOf(shape);
      return new Map(asked.flatMap(({ value }, index) => ((found[index]?.length ?? 0) === 0 ? [] : [[value, foundRecords(found[index] ?? [], key)] as const])));
    });

  return {
    abilities: abilitiesOf(connection),
    canSearch: true,
    indexingDelayMs: 0,
    requestTimeoutMs: connection.timeouts.requestMs,
    concurrency: connection.limits.concurrency ?? DEFAULT_CONCURRENCY,
    acquirePermit: (signal) => database.acquirePermit(signal),
    send,
    search,
    foresee: (kind, records) => rows.foresee(kind, records),
    setPace: (pace) => database.setPace(pace),
    webUrl: () => undefined,
  };
}

const METHODS: Readonly<Record<ChangeKind, string>> = { create: 'INSERT', update: 'UPDATE', upsert: 'UPSERT', delete: 'DELETE' };

/** A column that has had no value yet is not there yet, and a null is what it would show. */
function withoutUnborn(record: OutgoingRecord, known: ReadonlySet<string>): OutgoingRecord {
  const entries = Object.entries(record.fields);
  const born = entries.filter(([name, value]) => value !== null || known.has(name));
  return born.length === entries.length ? record : { ...record, fields: Object.fromEntries(born) };
}

function foundRecords(rows: readonly FoundRecord['fields'][], key: readonly string[]): readonly FoundRecord[] {
  return rows.flatMap((fields) => {
    const id = compositeKey(key.map((column) => fields[column]));
    return id === undefined ? [] : [{ id, fields }];
  });
}

/** An insert twice makes two rows, or is refused; all else does no harm. Until its end is heard of, a transaction may still be ended by what is on its way: as long as a statement may take. */
function abilitiesOf({ applyDelayMs, timeouts }: ResolvedConnection): Target['abilities'] {
  const ability = (isRepeatable: boolean): WriteAbility => ({
    maxRecords: MAX_RECORDS,
    maxBytes: MAX_BYTES,
    isRepeatable,
    applyDelayMs: applyDelayMs ?? timeouts.requestMs,
    merges: true,
  });
  return { create: ability(false), update: ability(true), upsert: ability(true), delete: ability(true) };
}
