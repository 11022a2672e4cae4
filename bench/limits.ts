import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LimitedApi, startLimitedApi, startLimitedProcess } from '../test/http/support/limited-api.ts';

/** `node bench/limits.ts [SECONDS]`: how much of what an API allows is used, and how much of what is asked is refused. */
const seconds = Number(process.argv[2] ?? 20);
const PER_SECOND = 50;
const BUCKET = 10;
const WINDOW = { count: PER_SECOND, perMs: 1_000 };
const LATENCY_MS = 20;

type Parties = Parameters<typeof startLimitedProcess>[0]['parties'];
const one: Parties = [{ name: 'contacts', weight: 4, readers: 8 }];
const three: Parties = ['contacts', 'companies', 'deals'].map((name) => ({ name, weight: 4, readers: 4 }));

process.stdout.write(`${PER_SECOND} requests/s, a bucket of ${BUCKET}, ${LATENCY_MS} ms latency, ${seconds} s each\n`);
await measure('one worker', [one]);
await measure('two workers', [one, one]);
await measure('three syncs in one worker', [three]);
await measure(
  'three workers, a sync each',
  three.map((party) => [party]),
);

async function measure(what: string, processes: readonly Parties[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-limits-'));
  const api = await startLimitedApi({ bucket: { perSecond: PER_SECOND, size: BUCKET }, latencyMs: LATENCY_MS });
  try {
    const options = { directory, url: api.url, limits: { requests: [WINDOW] }, ms: seconds * 1_000 };
    const started = await Promise.all(processes.map((parties) => startLimitedProcess({ ...options, parties })));
    for (const each of started) each.begin();
    await Promise.all(started.map(({ report }) => report));
    print(what, api);
  } finally {
    await api.stop();
    rmSync(directory, { recursive: true });
  }
}

function print(what: string, { accepted, refused }: LimitedApi): void {
  const used = accepted.length / (seconds * PER_SECOND);
  const refusedShare = refused() / (accepted.length + refused());
  process.stdout.write(`${what.padEnd(28)} used ${(used * 100).toFixed(1).padStart(5)} %   refused ${(refusedShare * 100).toFixed(2).padStart(5)} %\n`);
}
