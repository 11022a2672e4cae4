import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { listSchema } from '../list-argument.ts';
import { programFile } from '../programs/program-file.ts';
import { runProgram } from '../programs/run-program.ts';
import { refuseMistakes } from '../reports/mistakes.ts';

const readySchema = z.object({ build: z.string().optional() });

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
    const what = `${project.name}/${project.profile} on ${address}${queues === '' ? '' : `, for ${queues}`}`;
    return runProgram(cli.shell, {
      name: 'worker',
      file: programFile('worker/main'),
      args: ['--project', project.directory, '--profile', project.profile, '--address', address, '--queue', queues],
      onReady: (said, pid) => {
        const { build } = readySchema.parse(said);
        cli.out.event({ event: 'ready', pid });
        const ofBuild = build === undefined ? '' : ` of build ${build}`;
        cli.out.note(`${cli.out.noteTheme.good('✓')} A worker${ofBuild} runs for ${what}. Ctrl-C stops it: requests in flight finish first.`);
        if (build !== undefined) cli.out.note(`See who runs on which build: ${cli.command('rollout')}`);
      },
    });
  },
});
