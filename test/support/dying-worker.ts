import { pino } from 'pino';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedgerInThread } from '../../ledger/thread/open-ledger-in-thread.ts';
import { readSettings } from '../../worker/settings.ts';
import { startWorkerHost } from '../../worker/worker-host.ts';

/** The product's worker, killed by SIGKILL right before its ledger is first asked for a method: `dying-worker.ts PROJECT METHOD`. */
const [project = '', method = ''] = process.argv.slice(2);

function mortal(ledger: Ledger): Ledger {
  return { ...ledger, [method]: () => process.kill(process.pid, 'SIGKILL') };
}

const settings = readSettings(['--project', project], process.env);
const host = await startWorkerHost(settings, pino({ level: 'info' }, pino.destination(2)), {
  openLedger: async (options) => mortal(await openLedgerInThread(options)),
});
const stop = () => void host.stop();
process.on('SIGTERM', stop);
process.stdin.on('end', stop).resume();
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
await host.ended;
process.stdin.pause();
