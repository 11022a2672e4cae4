import { isIP } from 'node:net';
import { z } from 'zod';
import { defineCommand, wholeNumber } from '../command.ts';
import { type Listening, listeningSchema, renderListening } from '../programs/listening.ts';
import { programFile } from '../programs/program-file.ts';
import { runProgram } from '../programs/run-program.ts';
import { refuseMistakes } from '../reports/mistakes.ts';

export const listenCommand = defineCommand({
  name: 'listen',
  group: 'Serve',
  summary: 'Take webhooks and start runs over HTTP, in the foreground',
  options: [
    ['--host <address>', 'where to listen (default 127.0.0.1: this machine alone)'],
    ['--port <n>', 'where to listen (default 8700; 0: any free one)'],
  ],
  examples: ['syncline listen', 'syncline listen --host 0.0.0.0 --port 8700'],
  input: z.object({
    host: z
      .string()
      .refine((host) => host === 'localhost' || isIP(host) !== 0, 'expected an address of this machine such as 127.0.0.1, 0.0.0.0 or ::')
      .optional(),
    port: wholeNumber(0, 65_535).optional(),
  }),
  run: async (cli, { host, port }) => {
    const project = await cli.session.project();
    refuseMistakes(cli, project.mistakes);
    await cli.session.close();
    const at = [...(host === undefined ? [] : ['--host', host]), ...(port === undefined ? [] : ['--port', String(port)])];
    return runProgram(cli.shell, {
      name: 'listener',
      file: programFile('listener/main'),
      args: ['--project', project.directory, '--profile', project.profile, ...at],
      onReady: (said, pid) => {
        const listening: Listening = listeningSchema.parse(said);
        cli.out.event({ event: 'ready', pid, ...listening });
        cli.out.note(
          `${cli.out.noteTheme.good('✓')} Listening at ${cli.out.noteTheme.link(listening.url)} for ${project.name}/${project.profile}. Ctrl-C stops it.\n`,
        );
        cli.out.note(`${renderListening(listening, cli.out.noteTheme)}\n`);
      },
    });
  },
});
