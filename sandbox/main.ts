import { readOptions } from './options.ts';
import { whenParentEnds } from './parent.ts';
import { startSandbox } from './start-sandbox.ts';

/**
 * The sandbox program: a CRM and a HubSpot look-alike on loopback. One JSON line on stdout when both answer, or one that says why not. Ends on SIGTERM, SIGINT,
 * and when its stdin is a pipe that ends.
 */
const tell = (message: Readonly<Record<string, unknown>>) => process.stdout.write(`${JSON.stringify(message)}\n`);
try {
  const options = readOptions(process.argv.slice(2));
  const sandbox = await startSandbox(options);
  const stop = () => void sandbox.stop().then(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, stop);
  whenParentEnds(options.exitsWithParent, stop);
  tell({ ready: true, pid: process.pid, crm: sandbox.crm, hubspot: sandbox.hubspot });
} catch (error) {
  tell({ ready: false, message: error instanceof Error ? error.message : String(error) });
  process.exit(2);
}
