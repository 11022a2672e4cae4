import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { done, failed, heading, note, paint } from './print.ts';
import { EXAMPLE, Stage, SYNC, TOKENS } from './stage.ts';
import { syncline } from './syncline.ts';
import { type Verification, verify } from './verify.ts';
import { waitForEnter } from './wait-for-enter.ts';

export interface DemoOptions {
  /** Leave server, sandbox and worker up. */
  readonly isKept: boolean;
  readonly contacts: number;
}

const TROUBLE = ['--bad-percent', '1', '--error-percent', '1', '--rate', '6'];
const stateSchema = z.object({ counts: z.record(z.string(), z.number()), writes: z.number() });

/** @returns the exit code: 0 when the run ended, the target holds what the mapping says, and the second run sent nothing */
export function runDemo(options: DemoOptions): Promise<number> {
  heading(`Syncline: ${options.contacts.toLocaleString('en')} CRM contacts to HubSpot, and what goes wrong on the way`);
  const sandboxArgs = ['--contacts', String(options.contacts), ...TROUBLE];
  return Stage.with({ isKept: options.isKept, sandboxArgs }, (stage) => demonstrate(options, stage));
}

async function demonstrate(options: DemoOptions, stage: Stage): Promise<number> {
  const { crm, hubspot, env, uiUrl } = stage;
  done('CRM', `${crm}: ${options.contacts} contacts, 1 % of them bad`);
  done('HubSpot', `${hubspot}: 1 % random 500s, 6 requests a second and not one more`);
  // So that the commands named at the end work in another terminal as they are.
  writeFileSync(
    join(EXAMPLE, '.env'),
    Object.entries({ ...TOKENS, SANDBOX_CRM_URL: crm, SANDBOX_HUBSPOT_URL: hubspot })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const worker = await stage.startWorker(EXAMPLE);
  done('Worker', `process ${worker.child.pid}`);

  heading('First run: killed in the middle');
  const killAt = Math.round(options.contacts * 0.45);
  const first = syncline(EXAMPLE, env, 'run', SYNC, '--yes');
  await Promise.race([whenWritten(hubspot, killAt), first]);
  worker.child.kill('SIGKILL');
  note(paint('yellow', `SIGKILL to worker ${worker.child.pid}, with ${killAt} contacts written. Nothing is told, nothing is cleaned up.`));
  const second = await stage.startWorker(EXAMPLE);
  note(paint('yellow', `Worker ${second.child.pid} started: it goes on where the ledger says.`));
  const firstExit = await first;

  heading('Check: both sides compared, record by record');
  const verification = await verify(crm, hubspot);
  const isVerified = report(verification);

  heading('Second run: nothing has changed');
  const before = await readState(hubspot);
  const secondExit = await syncline(EXAMPLE, env, 'run', SYNC, '--yes');
  const sent = (await readState(hubspot)).writes - before.writes;
  if (sent === 0) done('Sent', 'nothing');
  else failed('Sent', `${sent} write requests: expected none`);

  heading('Look around');
  note(`Web UI            ${paint('cyan', `${uiUrl}/namespaces/default/workflows`)}`);
  note(`One record        npx syncline records ${SYNC} --key 1 --project examples/crm-to-hubspot`);
  note(`What was refused  npx syncline errors ${SYNC} --project examples/crm-to-hubspot`);
  const isGood = firstExit === 0 && secondExit === 0 && isVerified && sent === 0;
  if (options.isKept) note(`\n  All is left up. To stop: kill ${stage.pids.join(' ')}`);
  else await waitForEnter();
  return isGood ? 0 : 1;
}

function report(found: Verification): boolean {
  done('Equal', `${found.equal} contacts in HubSpot are what the mapping says`);
  done('Absent', `${found.absent.length}, each of them rejected with a reason`);
  if (found.different.length > 0) failed('Different', found.different.slice(0, 5).join(', '));
  if (found.doubled.length > 0) failed('Doubled', found.doubled.slice(0, 5).join(', '));
  return found.different.length === 0 && found.doubled.length === 0 && found.equal + found.absent.length === found.inSource && found.equal === found.inTarget;
}

async function whenWritten(hubspotUrl: string, contacts: number): Promise<void> {
  while (((await readState(hubspotUrl)).counts['contacts'] ?? 0) < contacts) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function readState(baseUrl: string): Promise<z.output<typeof stateSchema>> {
  return stateSchema.parse(await (await fetch(`${baseUrl}/_sandbox/state`)).json());
}
