import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { renderFields } from '../output/table.ts';
import { formatAgo } from '../output/times.ts';
import { ProgramFailed } from '../programs/child-program.ts';
import { DevEnvironment } from '../programs/dev-environment.ts';
import { readDevLock } from '../programs/dev-lock.ts';
import { listeningSchema, renderListening } from '../programs/listening.ts';
import { stopOrphans } from '../programs/orphans.ts';
import { tell, tellDefinitions, tellEnd } from '../programs/tell-dev.ts';
import { watchDefinitions } from '../programs/watch-definitions.ts';
import { openProject, type Project } from '../project.ts';
import { configuredAddress } from '../temporal/connect.ts';

export const devCommand = defineCommand({
  name: 'dev',
  group: 'Serve',
  summary: 'Bring up a Temporal server, its Web UI, a worker and a listener; watch the files',
  options: [
    ['--sandbox', 'also start the two SaaS look-alikes of the examples'],
    ['--port <n>', 'of the Temporal server (default 7233, or the next free one)'],
    ['--ui-port <n>', 'of the Web UI (default 8233, or the next free one)'],
    ['--listen-port <n>', 'of the listener, where a connection takes webhooks (default 8700)'],
  ],
  input: z.object({
    sandbox: z.boolean().default(false),
    port: wholeNumber(1, 65_535).default(7233),
    uiPort: wholeNumber(1, 65_535).default(8233),
    listenPort: wholeNumber(0, 65_535).default(8700),
  }),
  run: async (cli, input) => {
    const project = await cli.session.project();
    refuseSecond(project.directory);
    for (const name of await stopOrphans(project.directory))
      cli.out.note(`${cli.out.noteTheme.warning('!')} Stopped the ${name} that an earlier "dev" left behind.`);
    const interrupted = cli.interrupted();
    const dev = new DevEnvironment({
      ...input,
      signal: interrupted,
      project: project.directory,
      profile: project.profile,
      env: cli.env,
      onProgress: (text) => cli.out.note(`  ${cli.out.noteTheme.faint(text)}`),
    });
    const hardStop = () => dev.kill();
    process.once('exit', hardStop);
    try {
      return await serve(cli, project, dev, input.sandbox, interrupted);
    } catch (error) {
      if (interrupted.aborted && error instanceof ProgramFailed) return EXIT.done;
      if (error instanceof ProgramFailed)
        throw new CliError({ exitCode: EXIT.unreachable, code: error.code ?? 'PROGRAM_FAILED', message: error.message, cause: error });
      throw error;
    } finally {
      if (interrupted.aborted) cli.out.note('\nStopping: requests in flight finish first. Ctrl-C again stops at once.');
      await dev.stop();
      process.removeListener('exit', hardStop);
      if (interrupted.aborted) cli.out.note('Stopped. Runs that were going on go on with the next "syncline dev".');
    }
  },
});

async function serve(cli: Cli, project: Project, dev: DevEnvironment, hasSandbox: boolean, interrupted: AbortSignal) {
  tellDefinitions(cli, project);
  const server = await findServer(cli, dev);
  tell(cli, 'Temporal', `${server.address}${server.uiUrl === undefined ? '' : `, Web UI ${cli.out.noteTheme.link(server.uiUrl)}`}`);
  if (hasSandbox) {
    const sandbox = await dev.startSandbox();
    tell(cli, 'Sandbox', `CRM ${sandbox.crm}, HubSpot ${sandbox.hubspot}`);
  }
  let isFirst = true;
  const kept = dev.keepWorker({
    onStart: ({ pid }, isAgain) => {
      tell(cli, 'Worker', `${project.name}/${project.profile}, process ${pid}${isAgain ? ', started again' : ''}`);
      if (isFirst) tellReady(cli, project, server);
      isFirst = false;
    },
    onEnd: (reason, pauseMs) => tellEnd(cli, 'worker', reason, pauseMs),
  });
  keepListener(cli, project, dev);
  const watcher = watchDefinitions(project.directory, (files) => void changed(cli, project, dev, files));
  const interruption = new Promise<'interrupted'>((resolve) => {
    if (interrupted.aborted) resolve('interrupted');
    interrupted.addEventListener('abort', () => resolve('interrupted'));
  });
  const end = await Promise.race([interruption, dev.serverEnded.then(() => 'server' as const), kept.then(() => 'worker' as const)]);
  watcher.close();
  if (end === 'interrupted') return EXIT.done;
  throw new CliError({
    exitCode: EXIT.unreachable,
    code: 'SERVER_ENDED',
    message: 'The Temporal server ended by itself. Its log: .syncline/logs/temporal.log',
  });
}

/** The server that is configured, which the other commands talk to as well; else one of our own. */
async function findServer(cli: Cli, dev: DevEnvironment): Promise<{ readonly address: string; readonly uiUrl: string | undefined }> {
  const configured = await configuredAddress(cli.env);
  if (configured === undefined) return dev.startServer();
  try {
    const { address } = await cli.session.temporal();
    dev.useServer(address);
    return { address, uiUrl: undefined };
  } catch (cause) {
    if (!(cause instanceof CliError) || cause.exitCode !== EXIT.unreachable) throw cause;
    const message = `No Temporal server answers at ${configured}, which TEMPORAL_ADDRESS or temporal.toml names. Start it, or unset that to let "dev" start one.`;
    throw new CliError({ exitCode: EXIT.unreachable, code: 'TEMPORAL_UNREACHABLE', message, cause });
  }
}

function refuseSecond(directory: string): void {
  const lock = readDevLock(directory);
  if (lock === undefined) return;
  const where = lock.uiUrl === undefined ? '' : ` Its Web UI: ${lock.uiUrl}`;
  throw new CliError({
    exitCode: EXIT.failed,
    code: 'DEV_RUNNING',
    message: `"syncline dev" runs for this project already (process ${lock.pids['dev']}, started ${formatAgo(lock.startedAt, Date.now())}): use it, or stop it with Ctrl-C there.${where}`,
  });
}

function tellReady(cli: Cli, project: Project, server: { readonly address: string; readonly uiUrl: string | undefined }): void {
  cli.out.event({ event: 'ready', project: project.name, profile: project.profile, ...server });
  const [sync = 'SYNC'] = project.syncNames;
  const next: readonly (readonly [string, string])[] = [
    ['Run a sync', cli.command(`run ${sync}`)],
    ['Look', cli.command('status')],
    ['Stop', 'Ctrl-C'],
  ];
  cli.out.note(`\n${renderFields(next, cli.out.noteTheme)}\n`);
}

/** Where a connection takes webhooks. */
function keepListener(cli: Cli, project: Project, dev: DevEnvironment): void {
  if (!project.takesWebhooks) return;
  void dev.keepListener({
    onStart: ({ ready }) => {
      const listening = listeningSchema.parse(ready);
      tell(cli, 'Listener', cli.out.noteTheme.link(listening.url));
      cli.out.note(`\n${renderListening(listening, cli.out.noteTheme)}\n`);
    },
    onEnd: (reason, pauseMs) => tellEnd(cli, 'listener', reason, pauseMs),
  });
}

async function changed(cli: Cli, before: Project, dev: DevEnvironment, files: readonly string[]): Promise<void> {
  cli.out.note(cli.out.noteTheme.faint(`${files.join(', ')} changed`));
  try {
    const project = await openProject({ directory: before.directory, profile: before.profile, env: cli.env });
    tellDefinitions(cli, project);
    keepListener(cli, project, dev);
  } catch (error) {
    cli.out.warn(`${cli.out.noteTheme.bad('✗')} ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof CliError) for (const line of error.details) cli.out.warn(`  ${line}`);
    return;
  }
  // Definitions are read anew for each run; secrets and the project's own settings when a worker starts.
  if (files.some((file) => /^(\.env|syncline\.ya?ml)$/.test(file))) await dev.restartWorker();
}
