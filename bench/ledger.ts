import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClaimedBatch, ClaimInput, Ledger, StagedPage, StagedRecord } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { PostgresServer } from '../test/support/postgres.ts';

/**
 * `node bench/ledger.ts [RECORDS] [plain|encrypted|hashed] [sqlite|postgres|postgres://…]`: records a second that a ledger takes, in pages of 1,000 and batches of 100.
 * `postgres`: a server of its own, whose commits wait for the disk.
 */
const total = Number(process.argv[2] ?? 100_000);
const values = process.argv[3] === 'plain' || process.argv[3] === 'hashed' ? process.argv[3] : 'encrypted';
const PAGE = 1_000;
const BATCH = 100;
const SCOPE = 'bench/dev/contacts';
const TERMS = { mappingHash: 'mapping', afterMs: [300_000], untilMs: 3_600_000 };
const NO_COST = { requests: 1, retries: 0, throttled: 0 };

const store = process.argv[4] ?? 'sqlite';
/** Writers at once in the second measurement. */
const WRITERS = 8;

const directory = mkdtempSync(join(tmpdir(), 'syncline-bench-'));
const server = store === 'postgres' ? await PostgresServer.start({ isDurable: true }) : undefined;
const ledger = await openLedger({ url: (await server?.createDatabase()) ?? store, directory, values });
try {
  await bench();
} finally {
  await ledger.close();
  await server?.stop();
  rmSync(directory, { recursive: true });
}

async function bench(): Promise<void> {
  print(`${total} records, values ${values}, ${store.split(':')[0]}`);
  const pages = Array.from({ length: Math.ceil(total / PAGE) }, (_, page) => changesOf(page));
  await openRun(ledger, 'r_1');
  const staging = await time('stage', total, async () => {
    for (const [page, records] of pages.entries()) await stage('r_1', records, page === pages.length - 1);
  });
  await ledger.closeSegment('r_1', 0, 'reader', { state: 'complete', isLast: true });
  const settling = await time('claim and settle', total, () => settleAll('r_1'));
  print(`${'stage, claim and settle'.padEnd(28)} ${perSecond(total, staging + settling)}`);
  await time('totals from rows', total, async () => void (await ledger.deriveTotals('r_1')));
  await ledger.closeRun('r_1', { state: 'completed', totals: await ledger.deriveTotals('r_1'), at: Date.now() });
  await openRun(ledger, 'r_3');
  for (const [page, records] of pages.entries()) await stage('r_3', records.map(renamed), page === pages.length - 1);
  await time(
    `claim and settle, ${WRITERS} at once`,
    total,
    async () => void (await Promise.all(Array.from({ length: WRITERS }, (_, n) => settleAll('r_3', n)))),
  );
  await ledger.closeRun('r_3', { state: 'completed', totals: await ledger.deriveTotals('r_3'), at: Date.now() });
  if (!store.startsWith('postgres')) await benchHandOver(pages);
  await openRun(ledger, 'r_2');
  await time('read states for the diff', total, async () => {
    for (const records of pages)
      await ledger.readRecords(
        SCOPE,
        records.map((record) => record.key),
      );
  });
  await time('unchanged pages', total, async () => {
    for (const records of pages)
      await stage(
        'r_2',
        records.map(({ key }) => ({ disposition: 'unchanged', key })),
        false,
      );
  });
  const owners = Array.from({ length: 10_000 }, (_, n) => ({ value: `owner${n}@example.test`, id: n }));
  await time('look-up entries', owners.length, () => ledger.addLookupEntries('r_2', 'owner', owners));
  await time('look-ups', total, async () => {
    for (let n = 0; n < total; n += PAGE) {
      const asked = owners.slice(n % owners.length, (n % owners.length) + PAGE).map((owner) => owner.value);
      await ledger.findLookupEntries('r_2', 'owner', asked);
    }
  });
  if (store === 'sqlite') print(`${'file'.padEnd(28)} ${(statSync(join(directory, 'ledger.db')).size / 1e6).toFixed(0).padStart(9)} MB`);
}

async function openRun(store: Ledger, id: string): Promise<void> {
  await store.openRun({ id, scope: SCOPE, definitionHash: 'h', trigger: 'manual', workflowId: 'w', firstExecutionRunId: id, window: {}, at: Date.now() });
  await store.openSegment(id, 0, Date.now());
  await store.claimReader(id, 0, 'reader');
}

function changesOf(page: number): readonly StagedRecord[] {
  return Array.from({ length: PAGE }, (_, row) => {
    const key = String(page * PAGE + row);
    const email = `person${key}@example.test`;
    const fields = { email, firstname: 'Given', lastname: `Family ${key}`, phone: '+14155550123', lifecyclestage: 'customer', hubspot_owner_id: '4711' };
    const source = { id: Number(key), email_address: email, first_name: 'Given', last_name: `Family ${key}`, phone: '(415) 555-0123', status: 'won' };
    const contentHash = hash('sha256', JSON.stringify(fields));
    return { disposition: 'change', key, change: { kind: 'upsert', fields, contentHash, match: email, source, bytes: 180 } };
  });
}

async function benchHandOver(pages: readonly (readonly StagedRecord[])[]): Promise<void> {
  await openRun(ledger, 'r_4');
  await time('staged as sent, settled', total, () => handOver('r_4', pages));
  await ledger.closeRun('r_4', { state: 'completed', totals: await ledger.deriveTotals('r_4'), at: Date.now() });
}

/** Pages of a batch each, claimed as they are staged, as many in flight as there are writers. */
async function handOver(runId: string, pages: readonly (readonly StagedRecord[])[]): Promise<void> {
  const inFlight: ClaimedBatch[] = [];
  for (const [page, records] of pages.entries()) {
    for (let from = 0; from < records.length; from += BATCH) {
      const claim = claimOf(runId, `b_${runId}_${page}_${from}`);
      const { claimed } = await stage(runId, records.slice(from, from + BATCH), page === pages.length - 1, [claim]);
      if (claimed.length === 0) throw new Error('a page was not handed over: what is measured is something else');
      inFlight.push(...claimed);
      if (inFlight.length > WRITERS) await settleOldest(inFlight);
    }
  }
  while (inFlight.length > 0) await settleOldest(inFlight);
}

async function settleOldest(inFlight: ClaimedBatch[]): Promise<void> {
  const batch = inFlight.shift();
  if (batch !== undefined) await settle(batch);
}

async function stage(runId: string, records: readonly StagedRecord[], isLast: boolean, claims: readonly ClaimInput[] = []): Promise<StagedPage> {
  const now = Date.now();
  const place = { runId, segment: 0, token: 'reader', targetScope: 'bench/dev/hubspot/contacts', nextCursor: records.at(-1)?.key, isLast };
  return ledger.stagePage({
    ...place,
    claims,
    records,
    isRetry: false,
    terms: TERMS,
    observedAt: now,
    bytes: 200_000,
    cost: NO_COST,
    isSealed: false,
    at: now,
  });
}

/** Another version of the same record. */
function renamed(record: StagedRecord): StagedRecord {
  if (record.disposition !== 'change') return record;
  const fields = { ...record.change.fields, firstname: 'Other' };
  return { ...record, change: { ...record.change, fields, contentHash: hash('sha256', JSON.stringify(fields)) } };
}

function claimOf(runId: string, batchId: string): ClaimInput {
  const now = Date.now();
  return { runId, segment: 0, batchId, token: 'writer', maxRecords: BATCH, maxBytes: 1e6, sendBy: now + 2_000, isRepeatable: true, terms: TERMS, at: now };
}

async function settleAll(runId: string, writer = 0): Promise<void> {
  for (let n = 0; ; n++) {
    const claimed = await ledger.claimBatch(claimOf(runId, `b_${runId}_${writer}_${n}`));
    if (claimed.state === 'empty') return;
    await settle(claimed.batch);
  }
}

async function settle({ id: batchId, changes }: ClaimedBatch): Promise<void> {
  const outcomes = changes.map(({ id }) => ({ changeId: id, outcome: 'written', created: true, targetId: `t${id}` }) as const);
  const attempt = { sentAt: Date.now(), answeredAt: Date.now(), status: 200, requestId: batchId, method: 'POST', path: '/contacts/batch' };
  await ledger.settleBatch({ batchId, token: 'writer', outcomes, terms: TERMS, attempts: [attempt], cost: NO_COST, at: Date.now() });
}

async function time(what: string, records: number, work: () => Promise<void>): Promise<number> {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const [ms, { user, system }] = [performance.now() - startedAt, process.cpuUsage(cpu)];
  print(`${what.padEnd(28)} ${perSecond(records, ms)} ${((user + system) / records).toFixed(1).padStart(7)} µs of CPU each`);
  return ms;
}

function perSecond(records: number, ms: number): string {
  return `${Math.round((records / ms) * 1_000)
    .toLocaleString('en')
    .padStart(9)} records/s`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
