import { pino } from 'pino';
import { openLedgerInThread } from '../../ledger/thread/open-ledger-in-thread.ts';
import { startListener } from '../../listener/start-listener.ts';

/** A listener in a process of its own that dies of SIGKILL once a delivery is accepted, before its sender is answered. Says its address on stdout. */
const [, , project = ''] = process.argv;
const listener = await startListener(
  { project, profile: undefined, host: '127.0.0.1', port: 0, graceMs: 0, endsWithParent: true, logLevel: 'info' },
  {
    env: {},
    log: pino({ enabled: false }),
    sendWake: () => Promise.resolve(),
    openLedger: async (options) => {
      const ledger = await openLedgerInThread(options);
      const acceptDelivery: typeof ledger.acceptDelivery = async (delivery) => {
        await ledger.acceptDelivery(delivery);
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => undefined);
      };
      return { ...ledger, acceptDelivery };
    },
  },
);
process.stdout.write(`${listener.url}\n`);
