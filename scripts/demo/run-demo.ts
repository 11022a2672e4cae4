import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { awaitEarlierDemo, noteProcesses } from './earlier-demo.ts';
import { followRun } from './follow-run.ts';
import { done, failed, heading, note, paint, progress } from './print.ts';
import { type Program, type ProgramOptions, startProgram, stopProgram } from './programs.ts';
import { type Verification, verify } from './verify.ts';
import { waitForEnter } from './wait-for-enter.ts';

export interface DemoOptions {
  /** Leave server, sandbox and worker up. */
  readonly isKept: boolean;
  readonly contacts: number;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROJECT = join(ROOT, 'examples/crm-to-hubspot');
const STATE = join(PROJECT, '.syncline');
const PROCESSES = join(STATE, 'demo.json');
const SYNC = 'contacts-to-hubspot';
const TOKENS = { CRM_TOKEN: 'crm-dev-token', HUBSPOT_TOKEN: 'hubspot-dev-token' };

const temporalReady = z.object({ address: z.string(), uiUrl: z.string(), pid: z.number() });
const sandboxReady = z.object({ crm: z.string(), hubspot: z.string() });
const stateSchema = z.object({ counts: z.record(z.string(), z.number()), writes: z.number() });

/** @returns the exit code: 0 when the run ended, the target holds what the mapping says, and the second run sent nothing */
export async function runDemo(options: DemoOptions): Promise<number> {
  const running: Program[] = [];
  await awaitEarlierDemo(PROCESSES);
  rmSync(STATE, { recursive: true, force: true });
  mkdirSync(join(STATE, 'logs'), { recursive: true });
  // Ctrl-C reaches the programs as well; here it only hurries to the end.
  const interrupted = new Promise<number>((resolve) => process.once('SIGINT', () => resolve(130)));
  try {
    return await Promise.race([demonstrate(options, running), interrupted]);
  } finally {
    if (!options.isKept) for (const program of running.reverse()) await stopProgram(program);
  }
}

async function demonstrate(options: DemoOptions, running: Program[]): Promise<number> {
  heading(`Syncline: ${options.contacts.toLocaleString('en')} CRM contacts to HubSpot, and what goes wrong on the way`);
  const start = async (program: Omit<ProgramOptions, 'logFile' | 'isDetached'>) => {
    const started = await startProgram({ ...program, logFile: join(STATE, 'logs', `${program.name}.log`), isDetached: options.isKept });
    running.push(started);
    noteProcesses(
      PROCESSES,
      running.map(({ child }) => child.pid),
    );
    return started;
  };
  const server = await start({ name: 'temporal', file: join(ROOT, 'worker/temporal-main.ts'), args: ['--directory', STATE], onProgress: progress });
  const temporal = temporalReady.parse(server.ready);
  done('Temporal server', `${temporal.address}, Web UI ${paint('cyan', temporal.uiUrl)}`);

  const sandboxArgs = [
    '--crm-port',
    '0',
    '--hubspot-port',
    '0',
    '--contacts',
    String(options.contacts),
    '--bad-percent',
    '1',
    '--error-percent',
    '1',
    '--rate',
    '6',
  ];
  const sandbox = sandboxReady.parse((await start({ name: 'sandbox', file: join(ROOT, 'sandbox/main.ts'), args: sandboxArgs })).ready);
  done('CRM', `${sandbox.crm}: ${options.contacts} contacts, 1 % of them bad`);
  done('HubSpot', `${sandbox.hubspot}: 1 % random 500s, 6 requests a second and not one more`);

  const env = {
    ...TOKENS,
    SANDBOX_CRM_URL: sandbox.crm,
    SANDBOX_HUBSPOT_URL: sandbox.hubspot,
    TEMPORAL_ADDRESS: temporal.address,
    SYNCLINE_UI_URL: temporal.uiUrl,
    SYNCLINE_HEARTBEAT_TIMEOUT_MS: '3000',
  };
  // So that the commands named at the end work in another terminal as they are.
  writeFileSync(
    join(PROJECT, '.env'),
    Object.entries({ ...TOKENS, SANDBOX_CRM_URL: sandbox.crm, SANDBOX_HUBSPOT_URL: sandbox.hubspot })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const workerProgram = {
    name: 'worker',
    file: join(ROOT, 'worker/main.ts'),
    args: ['--project', PROJECT, '--address', temporal.address, ...(options.isKept ? [] : ['--end-with-parent'])],
    env,
  };
  const worker = await start(workerProgram);
  done('Worker', `process ${worker.child.pid}`);

  heading('First run: killed in the middle');
  const killAt = Math.round(options.contacts * 0.45);
  const first = followRun({ project: PROJECT, sync: SYNC, env });
  await Promise.race([whenWritten(sandbox.hubspot, killAt), first]);
  worker.child.kill('SIGKILL');
  note(paint('yellow', `SIGKILL to worker ${worker.child.pid}, with ${killAt} contacts written. Nothing is told, nothing is cleaned up.`));
  const second = await start(workerProgram);
  note(paint('yellow', `Worker ${second.child.pid} started: it goes on where the ledger says.`));
  const firstExit = await first;

  heading('Check: both sides compared, record by record');
  const verification = await verify(sandbox.crm, sandbox.hubspot);
  const isVerified = report(verification);

  heading('Second run: nothing has changed');
  const before = await readState(sandbox.hubspot);
  const secondExit = await followRun({ project: PROJECT, sync: SYNC, env });
  const sent = (await readState(sandbox.hubspot)).writes - before.writes;
  if (sent === 0) done('Sent', 'nothing');
  else failed('Sent', `${sent} write requests: expected none`);

  heading('Look around');
  note(`Web UI            ${paint('cyan', `${temporal.uiUrl}/namespaces/default/workflows`)}`);
  note(`One record        npx syncline records ${SYNC} --key 1 --project examples/crm-to-hubspot`);
  note(`What was refused  npx syncline errors ${SYNC} --project examples/crm-to-hubspot`);
  const isGood = firstExit === 0 && secondExit === 0 && isVerified && sent === 0;
  if (options.isKept)
    note(
      `\n  All is left up. To stop: kill ${running.flatMap(({ child }) => (child.exitCode === null && child.signalCode === null ? [child.pid] : [])).join(' ')}`,
    );
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
