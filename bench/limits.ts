import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLimitedApi, startLimitedProcess } from '../test/http/support/limited-api.ts';

const PER_SECOND = 50;
const BUCKET = 10;
const LATENCY_MS = 20;

type Parties = Parameters<typeof startLimitedProcess>[0]['parties'];
const one: Parties = [{ name: 'contacts', weight: 4, readers: 8 }];
const three: Parties = ['contacts', 'companies', 'deals'].map((name) => ({ name, weight: 4, readers: 4 }));

/** Who asks at once: a list for each process, of the syncs in it. */
export const SHARERS: Readonly<Record<string, readonly Parties[]>> = {
  'one worker': [one],
  'two workers': [one, one],
  'three syncs': [three],
  'three workers': three.map((party) => [party]),
};

/** Real processes, each with a limiter of its own on one ledger, against one API of 50 requests/s and a bucket of 10. @returns shares, of 1 */
export async function shareOfLimit(processes: readonly Parties[], seconds: number): Promise<{ readonly used: number; readonly refused: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-limits-'));
  const api = await startLimitedApi({ bucket: { perSecond: PER_SECOND, size: BUCKET }, latencyMs: LATENCY_MS });
  try {
    const options = { directory, url: api.url, limits: { requests: [{ count: PER_SECOND, perMs: 1_000 }] }, ms: seconds * 1_000 };
    const started = await Promise.all(processes.map((parties) => startLimitedProcess({ ...options, parties })));
    for (const each of started) each.begin();
    await Promise.all(started.map(({ report }) => report));
    const refused = api.refused();
    return { used: api.accepted.length / (seconds * PER_SECOND), refused: refused / (api.accepted.length + refused) };
  } finally {
    await api.stop();
    rmSync(directory, { recursive: true });
  }
}
