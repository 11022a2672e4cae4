import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { makeContacts, makeOwners } from './contacts.ts';
import { createCrm } from './crm.ts';
import type { Faults } from './faults.ts';
import { serve } from './http-server.ts';
import { createHubspot } from './hubspot.ts';
import { seededRandom } from './random.ts';

/** The sandbox program: a CRM and a HubSpot look-alike on loopback. One JSON line on stdout when both answer. Ends on SIGTERM, or when its stdin ends. */
const { values } = parseArgs({
  options: {
    'crm-port': { type: 'string', default: '4100' },
    'hubspot-port': { type: 'string', default: '4010' },
    'crm-token': { type: 'string', default: 'crm-dev-token' },
    'hubspot-token': { type: 'string', default: 'hubspot-dev-token' },
    contacts: { type: 'string', default: '5000' },
    owners: { type: 'string', default: '50' },
    'bad-percent': { type: 'string', default: '1' },
    'error-percent': { type: 'string', default: '0' },
    rate: { type: 'string', default: '50' },
    'latency-ms': { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});

const seed = Number(values.seed);
const owners = makeOwners(Number(values.owners));
const contacts = makeContacts({ count: Number(values.contacts), owners: owners.length, badPercent: Number(values['bad-percent']), seed });
const common: Faults = {
  latencyMs: Number(values['latency-ms']),
  errorPercent: Number(values['error-percent']),
  errorAfterPercent: 0,
  dropPercent: 0,
  rate: Number(values.rate),
  isDown: false,
  refusesToken: false,
  indexingDelayMs: 0,
};

const crm = await serve(createCrm(contacts, values['crm-token']), Number(values['crm-port']), { ...common, rate: Math.max(50, common.rate) }, seededRandom(seed + 1));
const hubspot = await serve(createHubspot(owners, values['hubspot-token'], () => hubspot.faults.indexingDelayMs), Number(values['hubspot-port']), common, seededRandom(seed + 2));
process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, crm: crm.url, hubspot: hubspot.url })}\n`);

const stop = () => {
  Promise.all([crm.stop(), hubspot.stop()]).then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// A pipe from the program that started this one: it ends when that program does, however it ended.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on('end', stop).resume();
