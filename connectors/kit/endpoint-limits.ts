import type { Connector } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import type { OpenConnection } from '../ports.ts';
import { hasRequest } from '../rest/rest-target.ts';
import { basePath, type KitBench, onVendor } from './kit-account.ts';
import { expectSame, expectThat, Untried } from './kit-row.ts';
import type { AnswerRequest, VendorRequest } from './mock-vendor.ts';
import { matchOnOf, matchValue } from './search-rows.ts';
import { outgoing, sendBatch } from './send-batch.ts';

type EndpointLimit = NonNullable<NonNullable<Connector['limits']>['endpoints']>[number];
type Ask = (connection: OpenConnection) => Promise<unknown> | undefined;

const WINDOW = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };
/** In the place of the windows that are declared, and how late a timer of a busy machine may be. */
const SHORT = { count: 3, per: '300ms', spread: false };
const SHORT_MS = 300;
const SLACK_MS = 30;
const REFUSED: AnswerRequest = () => ({ status: 422, body: { message: 'no' } });

/** A limit that only some requests have: one of them is asked for once more than may go, and waits. */
export async function keepsEndpointLimit(bench: KitBench, limit: EndpointLimit): Promise<void> {
  for (const ask of asksOf(bench.connector)) {
    const [asked] = await askTimes(bench, ask, 1, {});
    if (asked === undefined || !isOf(limit, asked, bench.connector)) continue;
    const of = limit.of.map((matcher) => ({ ...matcher, weight: 1 }));
    const startedAt = performance.now();
    const requests = await askTimes(bench, ask, SHORT.count + 1, { endpoints: [{ of, requests: [SHORT] }] });
    const lastMs = Math.max(...requests.map(({ at }) => at)) - startedAt;
    expectSame(requests.length, SHORT.count + 1, 'requests once the limit of the endpoint allows them');
    expectThat(lastMs >= SHORT_MS - SLACK_MS, `${SHORT.count} requests in ${SHORT_MS} ms are allowed, and one more came after ${Math.round(lastMs)} ms.`);
    return;
  }
  throw new Untried('the connector sends no request that the limit is of.');
}

function isOf({ of }: EndpointLimit, { method, path, query }: VendorRequest, connector: Connector): boolean {
  const behind = path.slice(basePath(connector).length);
  return of.some((matcher) => {
    const holdsAll = Object.entries(matcher.query ?? {}).every(([name, value]) => query.get(name) === value);
    return (matcher.method ?? method) === method && (matcher.path === undefined || new RegExp(matcher.path).test(behind)) && holdsAll;
  });
}

/** All that the connector can ask for, each once. */
function asksOf({ objects }: Connector): readonly Ask[] {
  return Object.entries(objects).flatMap(([name, object]): readonly Ask[] => {
    const { list, deleted, get, search } = object;
    const kinds = CHANGE_KINDS.filter((kind) => object[kind] !== undefined && hasRequest(object[kind]));
    return [
      ...(list === undefined ? [] : [(connection: OpenConnection) => connection.source(name).readPage({ window: WINDOW, cursor: undefined })]),
      ...(deleted === undefined || list === undefined
        ? []
        : [(connection: OpenConnection) => connection.source(name).readDeleted?.({ window: WINDOW, cursor: undefined })]),
      ...(get === undefined || list === undefined ? [] : [(connection: OpenConnection) => connection.source(name).readOne?.('101')]),
      ...(search === undefined || kinds.length === 0
        ? []
        : [(connection: OpenConnection) => connection.target(name, matchOnOf(object)).search([matchValue(object, 0)])]),
      ...kinds.map((kind) => (connection: OpenConnection) => sendBatch(connection, name, object, kind, outgoing(object, kind, 1))),
    ];
  });
}

function askTimes(bench: KitBench, ask: Ask, count: number, limits: NonNullable<Connector['limits']>): Promise<readonly VendorRequest[]> {
  return onVendor(
    bench,
    REFUSED,
    async (connection) => {
      const once = async () => {
        await ask(connection)?.catch(() => undefined);
      };
      await Promise.all(Array.from({ length: count }, once));
    },
    limits,
  );
}
