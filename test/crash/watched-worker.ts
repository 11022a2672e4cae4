import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Context } from '@temporalio/activity';
import { pino } from 'pino';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedgerInThread } from '../../ledger/thread/open-ledger-in-thread.ts';
import { readSettings } from '../../worker/settings.ts';
import { startWorkerHost } from '../../worker/worker-host.ts';

/**
 * The product's worker, whose ledger tells on stdout, one JSON line each, what it was asked by the write protocol. `--freeze-before METHOD:N`: stops itself by SIGSTOP right
 * before the N-th call of that method. `--without-fencing`: tokens keep it from nothing, and its clock stands still with it, so that it never grows too old.
 */
const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  options: { 'freeze-before': { type: 'string' }, 'without-fencing': { type: 'boolean' } },
  allowPositionals: true,
});
const settings = readSettings(['--project', positionals[0] ?? ''], process.env);
const [freezeBefore = '', freezeAt = ''] = values['freeze-before']?.split(':') ?? [];
const isFenced = values['without-fencing'] !== true;
let stoppedMs = 0;
/** Calls that the ledger's thread has not answered. */
let underWay = 0;
const calls = new Map<string, number>();

function tell(line: Readonly<Record<string, unknown>>): void {
  // At once: what comes next may be a SIGSTOP.
  writeSync(1, `${JSON.stringify(line)}\n`);
}

async function freeze(method: string): Promise<void> {
  const count = (calls.get(method) ?? 0) + 1;
  calls.set(method, count);
  if (method !== freezeBefore || count !== Number(freezeAt)) return;
  // What has passed its own last look leaves before; and a process that is stopped in the middle of a transaction keeps all others from the ledger.
  do await sleep(50);
  while (underWay > 0);
  tell({ frozenBefore: method });
  const stoppedAt = Date.now();
  process.kill(process.pid, 'SIGSTOP');
  stoppedMs = Date.now() - stoppedAt;
}

async function watched<Result>(method: string, batchId: string, call: () => Promise<Result>, answerOf: (result: Result) => string): Promise<Result> {
  await freeze(method);
  const { attempt } = Context.current().info;
  const askedAt = Date.now();
  try {
    const result = await call();
    tell({ method, batchId, attempt, askedAt, answer: answerOf(result) });
    return result;
  } catch (error) {
    tell({ method, batchId, attempt, askedAt, answer: 'refused' });
    throw error;
  }
}

function counted(ledger: Ledger): Ledger {
  const count = (method: unknown) =>
    typeof method !== 'function'
      ? method
      : async (...args: readonly unknown[]): Promise<unknown> => {
          underWay += 1;
          try {
            return await Reflect.apply(method, ledger, args);
          } finally {
            underWay -= 1;
          }
        };
  return new Proxy(ledger, { get: (target, name) => count(Reflect.get(target, name)) });
}

function watch(ledger: Ledger): Ledger {
  const path = join(settings.project, '.syncline/ledger.db');
  const tokenOf = (batchId: string, token: string): string => {
    if (isFenced) return token;
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare('SELECT token FROM batches WHERE id = ?').get(batchId);
    database.close();
    return String(row?.['token']);
  };
  const done = () => 'done';
  return {
    ...ledger,
    claimBatch: (input) =>
      watched(
        'claimBatch',
        input.batchId,
        () => ledger.claimBatch(input),
        ({ state }) => state,
      ),
    takeOver: (input) => watched('takeOver', input.batchId, () => ledger.takeOver(input), done),
    holdsBatch: (batchId, token) => watched('holdsBatch', batchId, async () => !isFenced || ledger.holdsBatch(batchId, token), String),
    settleBatch: (input) =>
      watched(
        'settleBatch',
        input.batchId,
        () => ledger.settleBatch({ ...input, token: tokenOf(input.batchId, input.token) }),
        () => (input.outcomes.every(({ outcome }) => outcome === 'again') ? 'given back' : 'done'),
      ),
    markUnknown: (input) => watched('markUnknown', input.batchId, () => ledger.markUnknown({ ...input, token: tokenOf(input.batchId, input.token) }), done),
  };
}

const host = await startWorkerHost(settings, pino({ level: 'info' }, pino.destination(2)), {
  openLedger: async (options) => watch(counted(await openLedgerInThread(options))),
  now: () => Date.now() - (isFenced ? 0 : stoppedMs),
});
const stop = () => void host.stop();
process.on('SIGTERM', stop);
process.stdin.on('end', stop).resume();
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
await host.ended;
process.stdin.pause();
