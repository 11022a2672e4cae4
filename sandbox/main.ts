import { makeContacts, makeOwners } from './contacts.ts';
import { createCrm } from './crm.ts';
import { createHubspot } from './hubspot.ts';
import { readOptions } from './options.ts';
import { whenParentEnds } from './parent.ts';
import { seededRandom } from './random.ts';
import { startService } from './service.ts';

/**
 * The sandbox program: a CRM and a HubSpot look-alike on loopback. One JSON line on stdout when both answer, or one that says why not. Ends on SIGTERM, SIGINT,
 * and when its stdin is a pipe that ends.
 */
const tell = (message: Readonly<Record<string, unknown>>) => process.stdout.write(`${JSON.stringify(message)}\n`);
try {
  const options = readOptions(process.argv.slice(2));
  const { seed } = options.contacts;
  const owners = makeOwners(options.contacts.owners);
  const contacts = makeContacts(options.contacts);
  const crm = await startService(createCrm(contacts, options.crm.token), { ...options.crm, random: seededRandom(seed + 1) });
  const hubspot = await startService(createHubspot(owners, options.hubspot.token), { ...options.hubspot, random: seededRandom(seed + 2) });
  const stop = () => void Promise.all([crm.stop(), hubspot.stop()]).then(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, stop);
  whenParentEnds(options.exitsWithParent, stop);
  tell({ ready: true, pid: process.pid, crm: crm.url, hubspot: hubspot.url });
} catch (error) {
  tell({ ready: false, message: error instanceof Error ? error.message : String(error) });
  process.exit(2);
}
