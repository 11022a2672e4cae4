import { declaredRows } from './declared-limits.ts';
import { askedOf } from './error-rows.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectThat, type KitRow, tryRow, Untried } from './kit-row.ts';

const ASKED_SECONDS = 7;

/** What the connector does when the vendor says "too many", and that it keeps what it declares itself. */
export async function limitRows(bench: KitBench): Promise<readonly KitRow[]> {
  const row = (name: string, work: () => Promise<void>) => tryRow({ operation: 'limits', name }, work);
  return [
    await row('a 429 with Retry-After', () => afterwards(bench, { 'retry-after': String(ASKED_SECONDS) })),
    await row('a 429 without', async () => {
      if (!askedOf(bench.connector).isWrite) throw new Untried('the connector only reads: a read is repeated for some seconds.');
      await afterwards(bench, {});
    }),
    ...(await declaredRows(bench)),
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
