import { once } from 'node:events';
import { isIP } from 'node:net';
import { z } from 'zod';
import { parsePayloadKeys } from '../../payloads/payload-keys.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readWebUi } from '../temporal/web-ui.ts';

const DEFAULT_UI = 'http://127.0.0.1:8233';

export const codecCommand = defineCommand({
  name: 'codec',
  group: 'Serve',
  summary: 'Lets the Temporal Web UI read payloads that are encrypted, in the foreground',
  options: [
    ['--host <address>', 'where to listen (default 127.0.0.1)'],
    ['--port <n>', 'where to listen (default 8888)'],
    ['--origin <url>', "the Web UI's own address (default: that of the running dev, or SYNCLINE_UI_URL)"],
  ],
  examples: ['syncline codec', 'syncline codec --port 8888 --origin https://temporal.example.com'],
  input: z.object({
    host: z.string().default('127.0.0.1'),
    port: wholeNumber(0, 65_535).default(8888),
    origin: z.url({ protocol: /^https?$/, message: 'expected an http or https URL' }).optional(),
  }),
  run: async (cli, { host, port, origin }) => {
    const project = await cli.session.project();
    const keys = parsePayloadKeys(project.payloadKeys);
    if (keys.length === 0)
      throw new CliError({ exitCode: EXIT.definition, code: 'SECRET_MISSING', message: 'SYNCLINE_PAYLOAD_KEYS is not set: there is nothing to read with.' });
    const token = project.codecToken;
    if (token === undefined && !isLoopback(host))
      throw new CliError({
        exitCode: EXIT.usage,
        code: 'USAGE',
        message: `Whoever reaches ${host} could read every payload: set SYNCLINE_CODEC_TOKEN, or listen on 127.0.0.1.`,
      });
    const page = new URL(origin ?? readWebUi(cli.session.directory, cli.env).uiUrl ?? DEFAULT_UI).origin;
    // Loaded here: no other command serves, and it takes a moment.
    const { startCodecServer } = await import('../codec/codec-server.ts');
    const server = await startCodecServer({ host, port, keys, origin: page, token }).catch((cause: unknown) => {
      throw new CliError({ exitCode: EXIT.unreachable, code: 'PORT_IN_USE', message: `Nothing can listen at ${host}:${port}: ${wordsOf(cause)}.`, cause });
    });
    const address = server.address();
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${typeof address === 'object' && address !== null ? address.port : port}`;
    cli.out.event({ event: 'ready', url, origin: page });
    cli.out.note(`${cli.out.noteTheme.good('✓')} Payloads are decoded at ${url}, for ${page}. Name it in the Web UI: Codec Server, top right. Ctrl-C ends it.`);
    const interrupted = cli.interrupted();
    if (!interrupted.aborted) await once(interrupted, 'abort');
    server.closeAllConnections();
    server.close();
    return EXIT.done;
  },
});

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
