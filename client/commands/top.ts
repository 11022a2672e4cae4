import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { frameDocument } from '../top/frame-document.ts';
import { FrameReader } from '../top/frame-reader.ts';
import { renderFrame } from '../top/render-frame.ts';
import type { TopFrame } from '../top/top-frame.ts';
import { watchOnScreen } from '../top/watch-screen.ts';

/** A speed needs two looks, a second apart. */
const APART_MS = 1_000;

export const topCommand = defineCommand({
  name: 'top',
  group: 'Look',
  summary: 'Live: what runs, what waits and why, limits, workers, incidents',
  options: [['--once', 'one frame, printed; so it is where stdout is no terminal']],
  examples: ['syncline top', 'syncline top --once', 'syncline top --json | jq .runs'],
  input: z.object({ once: z.boolean().default(false) }),
  run: async (cli, { once }) => {
    const reader = await FrameReader.open(cli);
    if (cli.out.isJson && !once) {
      await followAsJson(cli, reader);
    } else if (!once && cli.out.isScreen) {
      await watchOnScreen(cli, reader);
    } else {
      const frame = await lookTwice(reader);
      cli.out.document(frameDocument(frame));
      cli.out.print(renderFrame(frame, cli.out.theme).lines.join('\n'));
    }
    return EXIT.done;
  },
});

async function lookTwice(reader: FrameReader): Promise<TopFrame> {
  await reader.next();
  await Promise.all([reader.answered(), sleep(APART_MS)]);
  return reader.next();
}

async function followAsJson(cli: Cli, reader: FrameReader): Promise<void> {
  const signal = cli.interrupted();
  while (!signal.aborted) {
    const began = performance.now();
    cli.out.event({ event: 'frame', ...frameDocument(await reader.next()) });
    await sleep(Math.max(0, APART_MS - (performance.now() - began)), undefined, { signal }).catch(() => undefined);
  }
}
