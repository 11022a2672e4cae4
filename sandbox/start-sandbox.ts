import { makeContacts, makeOwners } from './contacts.ts';
import { createCrm } from './crm.ts';
import { createHubspot } from './hubspot.ts';
import type { SandboxOptions } from './options.ts';
import { seededRandom } from './random.ts';
import { startService } from './service.ts';

/** A CRM and a HubSpot look-alike on loopback. */
export interface Sandbox {
  readonly crm: string;
  readonly hubspot: string;
  stop(): Promise<void>;
}

/** @throws the system's error where a port is taken */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { seed } = options.contacts;
  const owners = makeOwners(options.contacts.owners);
  const contacts = makeContacts(options.contacts);
  const crm = await startService(createCrm(contacts, options.crm.token), { ...options.crm, random: seededRandom(seed + 1) });
  const hubspot = await startService(createHubspot(owners, options.hubspot.token), { ...options.hubspot, random: seededRandom(seed + 2) });
  return { crm: crm.url, hubspot: hubspot.url, stop: async () => void (await Promise.all([crm.stop(), hubspot.stop()])) };
}
