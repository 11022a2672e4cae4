import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { done, failed, heading, note, paint } from './print.ts';
import { EXAMPLE, Stage, SYNC } from './stage.ts';
import { syncline } from './syncline.ts';
import { verify } from './verify.ts';
import { waitForEnter } from './wait-for-enter.ts';

const CONTACTS = 300;
/** In the source, deleted all at once. */
const DELETED = 24;
const LONGEST_MS = 60_000;
const HUBSPOT_CONTACTS = '/crm/v3/objects/contacts';
const WAITS_FOR_A_PERSON = 7;
const HAS_DRIFT = 4;

const contactsSchema = z.array(z.object({ id: z.string(), properties: z.record(z.string(), z.string().nullable()) }));

/** `npm run demo -- --story`: plan, run, somebody's edit in the target found and repaired, and a delete that is asked for. @returns 0 where all went as told */
export function tellStory(options: { readonly isKept: boolean }): Promise<number> {
  heading('Syncline, for years: you see before it happens, and others may touch the target');
  const sandboxArgs = ['--contacts', String(CONTACTS), '--bad-percent', '0', '--rate', '100'];
  return Stage.with({ ...options, sandboxArgs }, (stage) => tell(stage, options.isKept));
}

async function tell(stage: Stage, isKept: boolean): Promise<number> {
  const project = makeProject(stage);
  const worker = await stage.startWorker(project);
  done('Worker', `process ${worker.child.pid}; the sync is a mirror: what leaves the CRM leaves HubSpot`);
  const codes: string[] = [];
  const run = async (expected: number, ...words: readonly string[]) => {
    note(paint('bold', `$ syncline ${words.join(' ')}\n`));
    const code = await syncline(project, stage.env, ...words);
    process.stdout.write('\n');
    if (code !== expected) codes.push(`"${words.join(' ')}" ended with ${code}, not ${expected}`);
  };

  heading('You see before it happens');
  await run(0, 'plan', SYNC, '--show', '1');
  await run(0, 'run', SYNC, '--yes', '--quiet');

  heading('Others touch the target');
  note(paint('yellow', 'Somebody renames a company in HubSpot, and deletes a contact there.\n'));
  await touch(stage);
  await run(HAS_DRIFT, 'reconcile', SYNC, '--quiet');
  await run(0, 'reconcile', SYNC, '--repair', '--yes', '--quiet');

  heading('A delete that somebody must want');
  note(paint('yellow', `${DELETED} contacts disappear from the CRM at once.\n`));
  await disappear(stage);
  await run(WAITS_FOR_A_PERSON, 'run', SYNC, '--yes');
  await run(0, 'deletes', 'approve', 'last', '--yes');
  await untilGone(stage);
  await run(0, 'show', 'last');

  heading('Check: both sides compared, record by record');
  const found = await verify(stage.crm, stage.hubspot);
  const isEqual = found.equal === CONTACTS - DELETED && found.inTarget === found.equal && found.different.length + found.doubled.length === 0;
  if (isEqual) done('Equal', `${found.equal} contacts in HubSpot, and no other`);
  else failed('Equal', `${found.equal} of ${found.inSource}; HubSpot has ${found.inTarget}`);
  for (const code of codes) failed('Exit code', code);
  note(`\n  Web UI  ${paint('cyan', `${stage.uiUrl}/namespaces/default/workflows`)}`);
  if (isKept) note(`\n  All is left up. To stop: kill ${stage.pids.join(' ')}`);
  else await waitForEnter();
  return isEqual && codes.length === 0 ? 0 : 1;
}

/** The example as a mirror, in a folder of its own. */
function makeProject(stage: Stage): string {
  const project = join(stage.state, 'story');
  mkdirSync(project, { recursive: true });
  for (const name of ['syncline.yaml', 'connections', 'syncs']) cpSync(join(EXAMPLE, name), join(project, name), { recursive: true });
  const sync = join(project, 'syncs', `${SYNC}.yaml`);
  writeFileSync(sync, readFileSync(sync, 'utf8').replace('matchOn: email', 'matchOn: email\n  mode: mirror'));
  const hubspot = join(project, 'connections/hubspot.yaml');
  writeFileSync(hubspot, readFileSync(hubspot, 'utf8').replace('count: 5, per: 1s', 'count: 90, per: 1s'));
  return project;
}

async function untilGone(stage: Stage): Promise<void> {
  const count = async () => contactsSchema.parse(await (await fetch(`${stage.hubspot}/_sandbox/records?object=contacts`)).json()).length;
  for (const end = Date.now() + LONGEST_MS; Date.now() < end && (await count()) > CONTACTS - DELETED; ) await sleep(200);
  // The run settles what it has deleted.
  await sleep(1_000);
}

async function touch(stage: Stage): Promise<void> {
  const contacts = contactsSchema.parse(await (await fetch(`${stage.hubspot}/_sandbox/records?object=contacts`)).json());
  const [first, second] = contacts;
  await hubspot(stage, 'POST', `${HUBSPOT_CONTACTS}/batch/update`, { inputs: [{ id: first?.id, properties: { company: 'Somebody else, Inc.' } }] });
  await hubspot(stage, 'DELETE', `${HUBSPOT_CONTACTS}/${second?.id}`);
}

async function hubspot(stage: Stage, method: string, path: string, body?: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${stage.env['HUBSPOT_TOKEN']}`, 'content-type': 'application/json' };
  const answer = await fetch(`${stage.hubspot}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`HubSpot refused the edit: ${answer.status}`);
}

async function disappear(stage: Stage): Promise<void> {
  for (let id = 1; id <= DELETED; id++) {
    const answer = await fetch(`${stage.crm}/v2/contacts/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${stage.env['CRM_TOKEN']}` } });
    if (!answer.ok) throw new Error(`the CRM refused the delete: ${answer.status}`);
  }
}
