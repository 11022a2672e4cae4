import type { Connector } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { compileErrorRules } from '../error-rules.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { Deviation, type KitRow, tryRow, Untried } from './kit-row.ts';
import { matchOnOf } from './search-rows.ts';

/** That all expressions, templates and patterns of the connector compile, object by object; `mistakes` are what reading the file itself has found. */
export async function schemaRows(bench: KitBench, mistakes: readonly string[]): Promise<readonly KitRow[]> {
  const { connector } = bench;
  const rows = [
    await tryRow({ operation: 'schema', name: 'the file' }, async () => {
      const [first] = mistakes;
      if (first !== undefined) throw new Deviation(first);
      compileErrorRules(connector.errors ?? []);
      if (Object.keys(connector.objects).length === 0 && connector.kind === undefined)
        throw new Untried('the connector has no object: its connection describes them.');
    }),
  ];
  for (const name of Object.keys(connector.objects)) {
    rows.push(await tryRow({ object: name, operation: 'schema', name: 'expressions and templates' }, () => opens(bench, connector, name)));
  }
  return rows;
}

async function opens(bench: KitBench, { objects }: Connector, name: string): Promise<void> {
  const object = objects[name];
  if (object === undefined) return;
  await onVendor(
    bench,
    () => ({ status: 404 }),
    async (connection) => {
      if (object.list !== undefined) connection.source(name);
      if (CHANGE_KINDS.some((kind) => object[kind] !== undefined)) connection.target(name, matchOnOf(object));
    },
  );
}
