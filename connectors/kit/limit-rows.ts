import { parseDuration } from '../../engine/duration.ts';
import { type Asked, askedOf } from './error-rows.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectThat, type KitRow, tryRow, Untried } from './kit-row.ts';

const ASKED_SECONDS = 7;
/** What the spacing of requests is measured over, and how late a timer of a busy machine may be. */
const MEASURED_MS = 600;
const MOST_REQUESTS = 12;
/** The first requests may make up for timers that are late: see the pacer. */
const SLACK_MS = 30;

/** What the connector does when the vendor says "too many", and that it keeps what it declares itself. */
export async function limitRows(bench: KitBench): Promise<readonly KitRow[]> {
  const row = (name: string, work: () => Promise<void>) => tryRow({ operation: 'limits', name }, work);
  return [
    await row('a 429 with Retry-After', () => afterwards(bench, { 'retry-after': String(ASKED_SECONDS) })),
    await row('a 429 without', async () => {
      if (!askedOf(bench.connector).isWrite) throw new Untried('the connector only reads: a read is repeated for some seconds.');
      await afterwards(bench, {});
    }),
    await row('declared windows', () => keepsWindows(bench)),
  ];
}

async function afterwards(bench: KitBench, headers: Readonly<Record<string, string>>): Promise<void> {
  const asked = askedOf(bench.connector);
  await onVendor(
    bench,
    () => ({ status: 429, headers, body: {} }),
    async (connection) => {
      const { retry } = await expectFailure(asked.ask(connection), ['RATE_LIMITED']);
      expectThat(typeof retry === 'object', 'the wait is not told.');
      if (typeof retry !== 'object' || headers['retry-after'] === undefined) return;
      expectThat(
        Math.abs(retry.afterMs - ASKED_SECONDS * 1_000) <= 1_000,
        `the vendor asks for ${ASKED_SECONDS} s, and the connector waits ${retry.afterMs} ms.`,
      );
    },
  );
}

async function keepsWindows(bench: KitBench): Promise<void> {
  const asked = askedOf(bench.connector);
  const windows = (bench.connector.limits?.requests ?? []).map(({ count, per }) => ({ count, perMs: parseDuration(per) ?? 0 }));
  const paced = windows.filter(({ perMs }) => perMs <= 60_000).toSorted((one, other) => other.perMs / other.count - one.perMs / one.count);
  const [slowest] = paced;
  if (slowest === undefined) throw new Untried('the connector declares no window of up to a minute: the pace is learned from answers.');
  const spacingMs = slowest.perMs / slowest.count;
  const count = Math.min(MOST_REQUESTS, Math.max(3, Math.ceil(MEASURED_MS / spacingMs)));
  // From the asking on: a machine that is busy may be late with the first, too.
  const startedAt = performance.now();
  const requests = await onVendor(
    bench,
    () => ({ status: 422, body: { message: 'no' } }),
    (connection) => askAll(asked, connection, count),
    true,
  );
  const tookMs = Math.max(...requests.map(({ at }) => at)) - startedAt;
  const leastMs = (count - 1) * spacingMs - SLACK_MS;
  expectThat(tookMs >= leastMs, `${count} requests came within ${Math.round(tookMs)} ms: ${slowest.count} in ${slowest.perMs / 1_000} s are declared.`);
}

async function askAll({ ask }: Asked, connection: Parameters<Asked['ask']>[0], count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => ask(connection).catch(() => undefined)));
}
