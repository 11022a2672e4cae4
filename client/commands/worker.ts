import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand, listSchema } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { programFile } from '../programs/program-file.ts';
import { refuseMistakes } from '../reports/mistakes.ts';

const saidSchema = z.looseObject({ ready: z.boolean().optional(), message: z.string().optional(), build: z.string().optional() });

export const workerCommand = defineCommand({
  name: 'worker',
  group: 'Serve',
  summary: 'Run a worker for this project and profile, in the foreground',
  options: [['--queue <names>', 'serve only these task queues of connections: NAME[,NAME]; no workflows']],
  examples: ['syncline worker', 'syncline worker --queue datacenter'],
  input: z.object({ queue: listSchema.optional() }),
  run: async (cli, { queue }) => {
    const project = await cli.session.project();
    const queues = queue?.join(',') ?? cli.env['SYNCLINE_QUEUES'] ?? '';
    // Of which secrets are missing, the worker knows.
    refuseMistakes(cli, queues === '' ? project.mistakes : project.mistakes.filter(({ kind }) => kind !== 'secret'));
    const { address } = await cli.session.temporal();
    await cli.session.close();
    return runWorker(
      cli,
      ['--project', project.directory, '--profile', project.profile, '--address', address, '--queue', queues],
      `${project.name}/${project.profile} on ${address}${queues === '' ? '' : `, for ${queues}`}`,
    );
  },
});

/** Its log goes to stderr as it is; signals are passed on, and it ends in its own time. */
async function runWorker(cli: Cli, args: readonly string[], what: string): Promise<ExitCode> {
  const child = spawn(process.execPath, [programFile('worker/main'), ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: cli.env });
  let lastWords = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = saidSchema.safeParse(parse(line)).data;
    lastWords = said?.message ?? lastWords;
    if (said?.ready !== true) return;
    cli.out.event({ event: 'ready', pid: child.pid });
    const build = said.build === undefined ? '' : ` of build ${said.build}`;
    cli.out.note(`${cli.out.noteTheme.good('✓')} A worker${build} runs for ${what}. Ctrl-C stops it: requests in flight finish first.`);
    if (said.build !== undefined) cli.out.note(`See who runs on which build: ${cli.command('rollout')}`);
  });
  // A terminal sends Ctrl-C to the worker too; it takes the second for the first.
  cli.shell.onInterrupt(() => child.kill('SIGTERM'));
  const code = await new Promise<number>((resolve) => child.once('close', (exit, signal) => resolve(exit ?? (signal === null ? 1 : 128))));
  if (code === 0) return EXIT.done;
  const exitCode = [EXIT.definition, EXIT.unreachable, EXIT.credentials].find((known) => known === code) ?? EXIT.failed;
  throw new CliError({ exitCode, code: 'WORKER_ENDED', message: lastWords === '' ? `The worker ended with exit code ${code}.` : lastWords });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
