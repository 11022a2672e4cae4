import type { ConnectorObject } from '../../definition/schema/connector.ts';
import type { ConnectorExample } from '../../definition/schema/example.ts';
import type { Json } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { OpenConnection } from '../ports.ts';
import { basePath, type KitBench, onVendor } from './kit-account.ts';
import { expectSame, expectThat, type KitRow, tryRow } from './kit-row.ts';
import type { AnswerRequest, VendorRequest } from './mock-vendor.ts';
import { matchOnOf } from './search-rows.ts';
import { fieldPaths } from './told-fields.ts';

const MOST_PAGES = 20;
const WINDOW = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };

/** Plays documented exchanges back: what the connector asks for must be what is documented, and what it reads from the answers what they mean. */
export async function exampleRows(bench: KitBench): Promise<readonly KitRow[]> {
  const rows: KitRow[] = [];
  for (const example of bench.connector.examples ?? []) {
    const named = { object: example.object, operation: 'examples' as const, name: `${example.of}, as documented` };
    rows.push(await tryRow(named, () => playBack(bench, example)));
  }
  return rows;
}

async function playBack(bench: KitBench, example: ConnectorExample): Promise<void> {
  const object = bench.connector.objects[example.object];
  expectThat(object !== undefined, `the connector has no object "${example.object}".`);
  if (object === undefined) return;
  const { answer, played, strangers } = vendorOf(example);
  const asksFields = [...fieldPaths(bench.connector).keys()].map((path) => `GET ${basePath(bench.connector)}${path}`);
  const tellsFields = example.exchanges.some(({ request }) => asksFields.includes(request));
  await onVendor({ ...bench, tellsFields }, answer, async (connection) => {
    try {
      await perform(connection, example, object);
    } catch (error) {
      // What was asked for and is not documented tells more than what came of it.
      tellStrangers(strangers);
      throw error;
    }
  });
  tellStrangers(strangers);
  const unplayed = example.exchanges.filter((_, index) => !played.has(index));
  expectThat(unplayed.length === 0, `"${unplayed[0]?.request ?? ''}" is documented and was not asked for.`);
}

function tellStrangers([first]: readonly string[]): void {
  expectThat(first === undefined, `"${first ?? ''}" was asked for, which is no documented request.`);
}

async function perform(connection: OpenConnection, example: ConnectorExample, object: ConnectorObject): Promise<void> {
  const matchOn = example.matchOn ?? matchOnOf(object);
  switch (example.of) {
    case 'list':
    case 'changes':
    case 'deleted':
      expectSame(await readAll(connection, example), example.keys, 'the keys that were read');
      return;
    case 'get': {
      const read: (string | undefined)[] = [];
      for (const key of example.keys) read.push((await connection.source(example.object).readOne?.(key))?.key);
      expectSame(read, example.keys, 'the records that were fetched');
      return;
    }
    case 'search': {
      const found = await connection.target(example.object, matchOn).search(example.keys);
      expectSame(
        [...found.values()].flatMap((hits) => hits.map(({ id }) => id)),
        example.ids,
        'the target ids that were found',
      );
      return;
    }
    default:
      await write(connection, example, matchOn, example.of);
  }
}

async function readAll(connection: OpenConnection, { object, of }: ConnectorExample): Promise<readonly string[]> {
  const source = connection.source(object);
  const keys: string[] = [];
  let cursor: Json | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page =
      of !== 'deleted' ? await source.readPage({ window: WINDOW, cursor, changes: of === 'changes' }) : await source.readDeleted?.({ window: WINDOW, cursor });
    if (page === undefined) break;
    keys.push(...('records' in page ? page.records.map(({ key }) => key) : page.keys));
    if (page.next === undefined) break;
    cursor = page.next;
  }
  return keys;
}

async function write(connection: OpenConnection, example: ConnectorExample, matchOn: string, kind: ChangeKind): Promise<void> {
  const target = connection.target(example.object, matchOn);
  const records = example.send.map(({ fields, match, id }) => ({ fields, match, ...(id === undefined ? {} : { targetId: id }) }));
  const answered = await target.send({ id: 'b_kit_1', kind, records, permit: await target.acquirePermit(), checkBeforeDispatch: async () => undefined });
  // A whole request of one record that is refused is the refusal of the record.
  const refused = answered.answer === 'refused' && records.length === 1 ? 'rejected' : answered.answer;
  const outcomes = answered.answer === 'results' ? answered.results.map(({ outcome }) => outcome) : [refused];
  expectSame(outcomes, example.outcomes, 'what became of the records');
  const ids = answered.answer === 'results' ? answered.results.flatMap((result) => (result.outcome === 'written' ? (result.targetId ?? []) : [])) : [];
  if (example.ids.length > 0) expectSame(ids, example.ids, 'the target ids that were told');
}

/** Answers what is documented, by the exchange that says most of the request; notes what is not. */
function vendorOf({ exchanges }: ConnectorExample): {
  readonly answer: AnswerRequest;
  readonly played: ReadonlyMap<number, string>;
  readonly strangers: string[];
} {
  const played = new Map<number, string>();
  const strangers: string[] = [];
  const documented = exchanges.map(({ request }) => {
    const [, method = '', address = ''] = /^(\S+) (.*)$/.exec(request) ?? [];
    return { method, url: new URL(address, 'http://vendor.test') };
  });
  const answer: AnswerRequest = (request) => {
    const fitting = documented.flatMap(({ method, url }, index) =>
      method === request.method && fits(url, request) ? [{ index, said: url.searchParams.size }] : [],
    );
    const [best] = fitting.toSorted((one, other) => other.said - one.said);
    const exchange = best === undefined ? undefined : exchanges[best.index];
    const words = `${request.method} ${request.path}?${decodeURIComponent(request.query.toString())}`;
    // Asked for twice in other words: what tells the second from the first is not documented.
    const isStrange = best === undefined || (played.get(best.index) ?? words) !== words;
    if (isStrange || exchange === undefined) {
      strangers.push(words);
      return { status: 404, body: { message: 'this is no documented request' } };
    }
    played.set(best.index, words);
    const { status, headers, answer: told } = exchange;
    // A text is played as it is: an API may answer XML, CSV, or a list of lines.
    return { status, headers, ...(typeof told === 'string' ? { text: told } : told === null ? {} : { body: told }) };
  };
  return { answer, played, strangers };
}

function fits(url: URL, { path, query }: VendorRequest): boolean {
  return url.pathname === path && [...url.searchParams].every(([name, value]) => query.get(name) === value);
}
