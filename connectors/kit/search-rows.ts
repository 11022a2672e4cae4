import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { joinedRecord } from './joined-key.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectSame, expectThat, type KitRow, tryRow } from './kit-row.ts';
import type { AnswerRequest } from './mock-vendor.ts';
import { answerGiving } from './place-value.ts';
import { wordsOf } from './read-rows.ts';
import { type SampleRecord, sampleRecords } from './sample-records.ts';
import { writtenAs } from './written-as.ts';

/** The match key that the kit uses: the first that the API can match on. */
export function matchOnOf({ unique }: ConnectorObject): string {
  return unique?.[0] ?? 'email';
}

/** The match value of the kit's record at a place. */
export function matchValue(object: ConnectorObject, index: number): string {
  return joinedRecord(object, index)?.match ?? `kit-${index + 101}@example.test`;
}

/** Look-ups by match value: one of two is there, none is, more at once than the API takes. */
export async function searchRows(bench: KitBench, objectName: string, object: ConnectorObject): Promise<readonly KitRow[]> {
  const { search } = object;
  if (search === undefined || !CHANGE_KINDS.some((kind) => object[kind] !== undefined)) return [];
  const matchOn = matchOnOf(object);
  const row = (name: string, work: () => Promise<void>) => tryRow({ object: objectName, operation: 'search', name }, work);
  const find = async (there: number, asked: number) => {
    const held = await sampleRecords(object, there, (index) => ({ [matchOn]: matchValue(object, index) }));
    const values = Array.from({ length: asked }, (_, index) => matchValue(object, index));
    const requests = await onVendor(bench, searchVendor(object, held), async (connection) => {
      const found = await connection.target(objectName, matchOn).search(values);
      const ids = values.map((value) => found.get(value)?.map(({ id }) => id) ?? []);
      const expected = values.map((_, index) => held.slice(index, index + 1).map(({ key }) => key));
      expectSame(ids, expected, 'what was found by match value');
    });
    expectThat(requests.length >= Math.ceil(asked / search.max), `${asked} keys were asked for in ${requests.length} requests of at most ${search.max}.`);
  };
  return [
    await row('found', () => find(1, 2)),
    await row('not found', () => find(0, 1)),
    await row('more keys than one request takes', () => find(1, Math.min(search.max + 1, 150))),
  ];
}

/** A vendor that finds the records whose match value the request names. */
export function searchVendor(object: ConnectorObject, held: readonly SampleRecord[]): AnswerRequest {
  const { records = '$', ...search } = object.search ?? {};
  return async (request) => {
    const words = decoded(wordsOf(request)).toLowerCase();
    const found = held.filter((_, index) => words.includes(matchValue(object, index)));
    const body = await answerGiving(
      records,
      found.map(({ entry }) => entry),
    );
    return writtenAs(search, { body });
  };
}

export function decoded(text: string): string {
  return text.replaceAll('%40', '@').replaceAll('+', ' ');
}
