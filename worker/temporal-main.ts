import { fstatSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startTemporalServer } from './temporal-server/start-temporal-server.ts';

/** The Temporal server program: JSON lines on stdout, `{"progress"}` while it is being fetched or built, then `{"ready":true}`. Ends on SIGTERM, or when its stdin ends. */
const { values } = parseArgs({
  options: { directory: { type: 'string', default: '.syncline' }, port: { type: 'string', default: '7233' }, 'ui-port': { type: 'string', default: '8233' } },
});
const directory = resolve(values.directory);
const tell = (message: Readonly<Record<string, unknown>>) => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const server = await startTemporalServer({
    directory,
    port: Number(values.port),
    uiPort: Number(values['ui-port']),
    env: process.env,
    onProgress: (progress) => tell({ progress }),
  });
  let isStopping = false;
  const stop = () => {
    isStopping = true;
    server.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A pipe from the program that started this one: it ends when that program does, however it ended.
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.on('end', stop).resume();
  tell({ ready: true, address: server.address, uiUrl: server.uiUrl, pid: process.pid });
  await server.ended;
  if (!isStopping) {
    tell({ ready: false, message: 'The Temporal server ended by itself.' });
    process.exit(5);
  }
} catch (error) {
  tell({ ready: false, message: error instanceof Error ? error.message : String(error) });
  process.exit(5);
}
