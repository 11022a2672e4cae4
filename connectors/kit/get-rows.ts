import type { ConnectorObject } from '../../definition/schema/connector.ts';
import type { Json } from '../../engine/json.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectSame, expectThat, type KitRow, tryRow } from './kit-row.ts';
import { answerGiving } from './place-value.ts';
import { wordsOf } from './read-rows.ts';
import { type SampleRecord, sampleRecords, UNKNOWN_FIELD } from './sample-records.ts';
import { writtenAs } from './written-as.ts';

/** One record by its key, one that is not there. */
export async function getRows(bench: KitBench, objectName: string, object: ConnectorObject): Promise<readonly KitRow[]> {
  const { get, list } = object;
  if (get === undefined || list === undefined) return [];
  const row = (name: string, work: () => Promise<void>) => tryRow({ object: objectName, operation: 'get', name }, work);
  return [
    await row('found', async () => {
      const [record] = await sampleRecords(object, 1);
      if (record === undefined) return;
      const body = await entryAnswer(get.record, record);
      const asked = await onVendor(
        bench,
        () => writtenAs(get, { body }),
        async (connection) => {
          const read = await connection.source(objectName).readOne?.(record.key);
          expectSame([read?.key, read?.fields[UNKNOWN_FIELD]], [record.key, `value of ${record.key}`], 'the record that was fetched');
        },
      );
      expectThat(
        asked.some((request) => wordsOf(request).includes(record.key)),
        'the request does not name the record.',
      );
    }),
    await row('missing', async () => {
      await onVendor(
        bench,
        () => ({ status: 404, body: { message: 'not found' } }),
        async (connection) => {
          expectSame(await connection.source(objectName).readOne?.('101'), undefined, 'a record that is not there');
        },
      );
    }),
  ];
}

async function entryAnswer(source: string | undefined, { entry }: SampleRecord): Promise<Json> {
  return source === undefined ? entry : answerGiving(source, entry);
}
