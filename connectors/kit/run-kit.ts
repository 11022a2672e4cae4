import { ANY_OBJECT, describedObjects, withNamed } from '../../definition/any-object.ts';
import type { Connector } from '../../definition/schema/connector.ts';
import { accountRows } from './account-rows.ts';
import { bulkRows } from './bulk-rows.ts';
import { OF_ANY } from './connector-cells.ts';
import { discoverRows } from './discover-rows.ts';
import { errorRows } from './error-rows.ts';
import { exampleRows } from './example-rows.ts';
import { fileRows } from './file-rows.ts';
import { getRows } from './get-rows.ts';
import type { KitBench } from './kit-account.ts';
import type { KitRow } from './kit-row.ts';
import { limitRows } from './limit-rows.ts';
import { MockVendor } from './mock-vendor.ts';
import { readRows } from './read-rows.ts';
import { schemaRows } from './schema-rows.ts';
import { searchRows } from './search-rows.ts';
import { sqlRows } from './sql-rows.ts';
import { toldFieldRows } from './told-field-rows.ts';
import { webhookRows } from './webhook-rows.ts';
import { writeRows } from './write-rows.ts';

export interface KitOptions {
  /** What reading its file has found. */
  readonly mistakes?: readonly string[];
  /** Of a connector to PostgreSQL: a database in which the kit may make a table of its own, and drops it. */
  readonly database?: string | undefined;
}

/**
 * The connector kit: tries all that a connector says it can do, through the same ports that a run uses. What speaks HTTP is answered by a real server on loopback, whose answers
 * are derived from the connector itself; a database is a real one.
 */
export async function runKit(name: string, connector: Connector, options: KitOptions = {}): Promise<readonly KitRow[]> {
  const { kind } = connector;
  if (kind === 'sqlite' || kind === 'postgres') return sqlRows(name, kind, options.database);
  if (kind === 'files') return fileRows(name);
  const vendor = await MockVendor.start();
  try {
    // What any object is like is tried on one.
    const benchOf = (named: readonly string[]) => ({
      name,
      connector: { ...connector, objects: describedObjects(withNamed(connector.objects, named)) },
      vendor,
    });
    const examples = benchOf((connector.examples ?? []).map(({ object }) => object));
    return await restRows(benchOf(ANY_OBJECT in connector.objects ? [OF_ANY] : []), examples, options.mistakes ?? []);
  } finally {
    await vendor.close();
  }
}

/** @param examples the bench with the objects that the examples name, of any that there are */
async function restRows(bench: KitBench, examples: KitBench, mistakes: readonly string[]): Promise<readonly KitRow[]> {
  const rows = [...(await schemaRows(bench, mistakes))];
  if (rows.some(({ verdict }) => verdict === 'failed')) return rows;
  const objects = Object.entries(bench.connector.objects);
  if (objects.length === 0) return rows;
  for (const [name, object] of objects) {
    rows.push(...(await readRows(bench, name, object)), ...(await toldFieldRows(bench, name, object)), ...(await getRows(bench, name, object)));
    rows.push(...(await searchRows(bench, name, object)), ...(await writeRows(bench, name, object)));
    rows.push(...(await bulkRows(bench, name, object)), ...(await discoverRows(bench, name, object)));
  }
  rows.push(...(await errorRows(bench)), ...(await limitRows(bench)), ...(await exampleRows(examples)), ...(await webhookRows(bench)));
  return [...rows, ...(await accountRows(bench, bench.vendor.received))];
}
