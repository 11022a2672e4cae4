import type { ConnectorObject, ListEndpoint } from '../../definition/schema/connector.ts';
import type { Json } from '../../engine/json.ts';
import type { OpenConnection, Source } from '../ports.ts';
import { exportRows } from './export-rows.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectSame, expectThat, type KitOperation, type KitRow, tryRow, Untried } from './kit-row.ts';
import { listVendor } from './list-vendor.ts';
import type { VendorRequest } from './mock-vendor.ts';
import { type SampleRecord, sampleRecords, UNKNOWN_FIELD, withValue } from './sample-records.ts';

const PAGE_SIZE = 2;
const WINDOW = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };
const LATER = { from: '2026-05-01T00:00:00.000Z', to: '2026-05-02T00:00:00.000Z' };
const MOST_PAGES = 20;

/** An endpoint that lists, and how the ports read a page of it. */
interface Listed {
  readonly operation: KitOperation;
  readonly endpoint: Omit<ListEndpoint, 'key'>;
  readonly primaryKey: string;
  readonly values: string | undefined;
  readonly readPage: (connection: OpenConnection, window: object, cursor: Json | undefined) => Promise<ReadPage>;
}

interface ReadPage {
  readonly keys: readonly string[];
  readonly next: Json | undefined;
  readonly unknownFields: readonly (Json | undefined)[];
}

/** Lists: none, one page, many pages, a page asked for twice, fields that nobody knows, and the window. */
export async function readRows(bench: KitBench, objectName: string, object: ConnectorObject): Promise<readonly KitRow[]> {
  const { list, changes, deleted } = object;
  const rows: KitRow[] = [];
  if (list?.export !== undefined) rows.push(...(await exportRows(bench, objectName, object, list.export)));
  else if (list !== undefined) rows.push(...(await listRows(bench, objectName, listedBy(objectName, object, list))));
  if (changes !== undefined) {
    const readPage: Listed['readPage'] = (connection, window, cursor) => readRecords(connection, objectName, { window, cursor, changes: true });
    rows.push(
      ...(await listRows(bench, objectName, { operation: 'incremental', endpoint: changes, primaryKey: object.primaryKey, values: object.values, readPage })),
    );
  }
  if (deleted !== undefined) {
    const { key = object.primaryKey, ...endpoint } = deleted;
    const readPage: Listed['readPage'] = async (connection, window, cursor) => {
      const page = await connection.source(objectName).readDeleted?.({ window, cursor });
      if (page === undefined) throw new Untried('the source reads nothing of what was deleted.');
      return { keys: page.keys, next: page.next, unknownFields: [] };
    };
    rows.push(...(await listRows(bench, objectName, { operation: 'deleted', endpoint, primaryKey: key, values: undefined, readPage })));
  }
  return rows;
}

function listedBy(objectName: string, { primaryKey, values }: ConnectorObject, endpoint: ListEndpoint): Listed {
  const readPage: Listed['readPage'] = (connection, window, cursor) => readRecords(connection, objectName, { window, cursor });
  return { operation: 'read', endpoint, primaryKey, values, readPage };
}

async function readRecords(connection: OpenConnection, objectName: string, asked: Parameters<Source['readPage']>[0]): Promise<ReadPage> {
  const page = await connection.source(objectName).readPage(asked);
  return { keys: page.records.map(({ key }) => key), next: page.next, unknownFields: page.records.map(({ fields }) => fields[UNKNOWN_FIELD]) };
}

async function listRows(bench: KitBench, objectName: string, listed: Listed): Promise<readonly KitRow[]> {
  const { operation, endpoint, readPage } = listed;
  const row = (name: string, work: () => Promise<void>) => tryRow({ object: objectName, operation, name }, work);
  const walk = (count: number) => async () => {
    const records = await recordsOf(listed, count);
    const asked = await onVendor(bench, listVendor(listed.endpoint, records, PAGE_SIZE), async (connection) => {
      const pages = await walkPages(connection, listed);
      expectSame([...new Set(pages.flatMap(({ keys }) => keys))], keysOf(records), 'the records that were read');
    });
    expectThat(asked.length >= 1, 'no request was sent.');
    askedForSize(endpoint, asked);
  };
  const rows = [await row('empty', walk(0)), await row('one page', walk(1))];
  if (endpoint.page.type !== 'none')
    rows.push(await row('many pages', walk(PAGE_SIZE * 2 + 1)), await row('same cursor twice', () => readTwice(bench, listed)));
  if (operation === 'read') rows.push(await row('unknown fields', () => keepUnknown(bench, listed)));
  if (readsWindow(endpoint))
    rows.push(await tryRow({ object: objectName, operation: operation === 'read' ? 'incremental' : operation, name: 'window' }, windowed));
  return rows;

  async function windowed(): Promise<void> {
    const records = await recordsOf(listed, 1);
    const requests: string[] = [];
    for (const window of [WINDOW, WINDOW, LATER]) {
      const asked = await onVendor(bench, listVendor(listed.endpoint, records, PAGE_SIZE), async (connection) => {
        await readPage(connection, window, undefined);
      });
      requests.push(...asked.slice(0, 1).map(wordsOf));
    }
    expectThat(requests[0] === requests[1], 'two requests for one window differ.');
    expectThat(requests[0] !== requests[2], 'requests for different windows are the same.');
  }
}

async function readTwice(bench: KitBench, listed: Listed): Promise<void> {
  const records = await recordsOf(listed, PAGE_SIZE * 2);
  await onVendor(bench, listVendor(listed.endpoint, records, PAGE_SIZE), async (connection) => {
    const { next } = await listed.readPage(connection, WINDOW, undefined);
    expectThat(next !== undefined, 'the first of two pages leads to no other.');
    const once = await listed.readPage(connection, WINDOW, next);
    const again = await listed.readPage(connection, WINDOW, next);
    expectSame([...again.keys], [...once.keys], 'the page that was read again');
    expectThat(once.keys.length > 0, 'the second page is empty.');
  });
}

async function keepUnknown(bench: KitBench, listed: Listed): Promise<void> {
  const records = await recordsOf(listed, 1);
  await onVendor(bench, listVendor(listed.endpoint, records, PAGE_SIZE), async (connection) => {
    const { keys, unknownFields } = await listed.readPage(connection, WINDOW, undefined);
    expectSame(
      [...unknownFields],
      keys.map((key) => `value of ${key}`),
      'a field that the connector does not name',
    );
  });
}

/** Records of such a list; where pages go on after a field that is no key, with one that rises. */
async function recordsOf({ endpoint, primaryKey, values }: Listed, count: number): Promise<readonly SampleRecord[]> {
  const { page, parents, cap } = endpoint;
  if (parents !== undefined) throw new Untried('each parent has a list of its own: give an example.');
  if (cap !== undefined && count >= cap.records) throw new Untried(`the list shows ${cap.records} records of one search: give an example.`);
  const records = await sampleRecords({ primaryKey, values }, count);
  return page.type === 'keyset' && page.key !== primaryKey ? records.map((record) => withValue(record, page.key, record.key)) : records;
}

async function walkPages(connection: OpenConnection, { readPage }: Listed): Promise<readonly ReadPage[]> {
  const pages: ReadPage[] = [];
  for (let cursor: Json | undefined; pages.length < MOST_PAGES; ) {
    const page = await readPage(connection, WINDOW, cursor);
    pages.push(page);
    if (page.next === undefined) return pages;
    cursor = page.next;
  }
  throw new Untried(`the list did not end after ${MOST_PAGES} pages.`);
}

function askedForSize({ page }: Pick<ListEndpoint, 'page'>, [first]: readonly VendorRequest[]): void {
  const size = 'size' in page && page.type !== 'graphql' ? page.size : undefined;
  if (size === undefined || first === undefined || size.in !== 'query') return;
  expectSame(first.query.get(size.param), String(size.max), `the page size "${size.param}" of the first request`);
}

function readsWindow(endpoint: Omit<ListEndpoint, 'key'>): boolean {
  return JSON.stringify([endpoint.get, endpoint.post, endpoint.query, endpoint.body, endpoint.variables ?? null, endpoint.headers]).includes('window.');
}

/** All of a request that tells it from another. */
export function wordsOf({ path, query, text }: VendorRequest): string {
  return `${path}?${query} ${text}`;
}

function keysOf(records: readonly SampleRecord[]): readonly string[] {
  return records.map(({ key }) => key);
}
