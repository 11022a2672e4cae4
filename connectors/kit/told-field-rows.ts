import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectThat, type KitRow, tryRow } from './kit-row.ts';
import { listVendor } from './list-vendor.ts';
import { wordsOf } from './read-rows.ts';
import { sampleRecords } from './sample-records.ts';
import { asksForToldFields, TOLD } from './told-fields.ts';

const WINDOW = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };

/** A list that asks for fields by the names that the API tells. */
export async function toldFieldRows(bench: KitBench, objectName: string, object: ConnectorObject): Promise<readonly KitRow[]> {
  const { list } = object;
  if (list === undefined || !asksForToldFields(list)) return [];
  const row = { object: objectName, operation: 'read', name: 'fields that the API tells' } as const;
  return [
    await tryRow(row, async () => {
      const [first] = await onVendor(bench, listVendor(list, await sampleRecords(object, 1), 1), async (connection) => {
        await connection.source(objectName).readPage({ window: WINDOW, cursor: undefined });
      });
      const words = first === undefined ? '' : wordsOf(first);
      expectThat(
        TOLD.some((name) => words.includes(name)),
        'the list is not asked for a field that the API tells.',
      );
    }),
  ];
}
