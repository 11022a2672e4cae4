import { setImmediate as nextTurn } from 'node:timers/promises';
import { number, type Row, text } from '../rows/row.ts';
import type { Database } from './database.ts';

/** Rows summed at a time: a scope may have millions, and other work of this process should not wait for all of them. */
const CHUNK = 20_000;

const CHUNK_END = 'SELECT key FROM sightings WHERE scope = ? AND key > ? ORDER BY key LIMIT 1 OFFSET ?';
const OF_CHUNK = 's.scope = ?1 AND s.key > ?2 AND (?3 IS NULL OR s.key <= ?3) AND s.last_run = ?4';

/** One without an answer is held. */
const OF_CHANGE = `CASE c.state WHEN 'settled' THEN c.outcome WHEN 'sending' THEN 'held' ELSE c.state END`;

const SURVEY = `
  SELECT count(*) AS records, count(s.change_id) AS changes, min(s.change_id) AS first, max(s.change_id) AS last FROM sightings s WHERE ${OF_CHUNK}`;

const OUTCOMES = `
  SELECT CASE WHEN s.change_id IS NULL THEN s.disposition ELSE ${OF_CHANGE} END AS outcome, c.created AS created, count(*) AS records
  FROM sightings s LEFT JOIN changes c ON c.id = s.change_id WHERE ${OF_CHUNK} GROUP BY 1, 2`;

const OUTCOMES_WITHOUT_CHANGE = `
  SELECT s.disposition AS outcome, NULL AS created, count(*) AS records FROM sightings s WHERE ${OF_CHUNK} AND s.change_id IS NULL GROUP BY 1`;

/** To sort what nearly always is one group would take as long as to read it. */
const WRITTEN_OF_RANGE = `
  SELECT count(*) AS written, count(*) FILTER (WHERE c.created = 1) AS created, count(*) FILTER (WHERE c.created = 0) AS updated
  FROM changes c WHERE c.id BETWEEN ?1 AND ?2 AND c.state = 'settled' AND c.outcome = 'written'`;
const OTHERS_OF_RANGE = `
  SELECT ${OF_CHANGE} AS outcome, c.created AS created, count(*) AS records
  FROM changes c WHERE c.id BETWEEN ?1 AND ?2 AND NOT (c.state = 'settled' AND c.outcome IS 'written') GROUP BY 1, 2`;

interface IdRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Records of a run by the outcome that the latest change of each tells; where there is none, its sighting does. `created` and `updated` are parts of `written`.
 * @param scope where the run keeps its sightings
 */
export async function sumOutcomes(database: Database, scope: string, runId: string): Promise<ReadonlyMap<string, number>> {
  const sums = new Sums();
  const sightings = new SightingChunks(database, scope, runId);
  const { records, changes, range } = await sightings.survey();
  if (range !== undefined && range.last - range.first + 1 !== changes) {
    await sightings.read(OUTCOMES, (rows) => sums.addAll(rows));
    return sums.byName;
  }
  // No change is the latest one of two records: so many of them are all that there are in the range, which is quicker to read from one end to the other.
  if (range !== undefined) await sumRange(database, range, sums);
  if (records > changes) await sightings.read(OUTCOMES_WITHOUT_CHANGE, (rows) => sums.addAll(rows));
  return sums.byName;
}

class Sums {
  readonly byName = new Map<string, number>();

  add(name: string, records: number): void {
    this.byName.set(name, (this.byName.get(name) ?? 0) + records);
  }

  addAll(rows: readonly Row[]): void {
    for (const row of rows) {
      const records = number(row, 'records');
      this.add(text(row, 'outcome'), records);
      if (row['outcome'] === 'written' && row['created'] === 1) this.add('created', records);
      if (row['outcome'] === 'written' && row['created'] === 0) this.add('updated', records);
    }
  }
}

/** The sightings of a run, a chunk after the other. */
class SightingChunks {
  readonly #database: Database;
  readonly #scope: string;
  readonly #runId: string;

  constructor(database: Database, scope: string, runId: string) {
    this.#database = database;
    this.#scope = scope;
    this.#runId = runId;
  }

  async read(sql: string, take: (rows: readonly Row[]) => void): Promise<void> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const from: string = after;
      after = await this.#database.read(() => {
        const end = this.#database.get(CHUNK_END, this.#scope, from, CHUNK);
        const last = end === undefined ? undefined : text(end, 'key');
        take(this.#database.all(sql, this.#scope, from, last ?? null, this.#runId));
        return last;
      });
      await nextTurn();
    }
  }

  /** How many there are, how many of them have a change, and in which range of ids those lie. */
  async survey(): Promise<{ readonly records: number; readonly changes: number; readonly range: IdRange | undefined }> {
    let [records, changes] = [0, 0];
    let range: IdRange | undefined;
    await this.read(SURVEY, ([row = {}]) => {
      records += number(row, 'records');
      changes += number(row, 'changes');
      if (number(row, 'changes') === 0) return;
      const [first, last] = [number(row, 'first'), number(row, 'last')];
      range = { first: Math.min(first, range?.first ?? first), last: Math.max(last, range?.last ?? last) };
    });
    return { records, changes, range };
  }
}

async function sumRange(database: Database, { first, last }: IdRange, sums: Sums): Promise<void> {
  for (let from = first; from <= last; from += CHUNK) {
    const to = Math.min(last, from + CHUNK - 1);
    await database.read(() => {
      const written = database.get(WRITTEN_OF_RANGE, from, to) ?? {};
      for (const name of ['written', 'created', 'updated']) sums.add(name, number(written, name));
      if (number(written, 'written') < to - from + 1) sums.addAll(database.all(OTHERS_OF_RANGE, from, to));
    });
    await nextTurn();
  }
}
