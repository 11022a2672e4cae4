import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { steerRun } from '../temporal/steer-run.ts';
import type { FrameReader } from './frame-reader.ts';
import { Screen } from './screen.ts';
import { TopView } from './top-view.ts';

const LOOK_EVERY_MS = 1_000;

/** Draws frame after frame until the person leaves. A ledger that does not answer for a while is told at the bottom. */
export async function watchOnScreen(cli: Cli, reader: FrameReader): Promise<void> {
  const quit = new AbortController();
  const signal = AbortSignal.any([quit.signal, cli.interrupted()]);
  const view = new TopView(cli.out.theme, (words) => cli.command(words));
  const redraw = () => screen.draw(view.lines(cli.out.size));
  const screen = new Screen(cli.out, {
    onResize: redraw,
    onKey: (key) => {
      const wish = view.press(key);
      if (wish?.wish === 'quit') return quit.abort();
      if (wish !== undefined) void steer(cli, view, wish).then(redraw);
      redraw();
    },
  });
  screen.open();
  try {
    redraw();
    while (!signal.aborted) {
      const began = performance.now();
      await look(reader, view);
      redraw();
      await sleep(Math.max(0, LOOK_EVERY_MS - (performance.now() - began)), undefined, { signal }).catch(() => undefined);
    }
  } finally {
    screen.close();
  }
}

async function look(reader: FrameReader, view: TopView): Promise<void> {
  try {
    view.show(await reader.next());
  } catch (error) {
    if (!(error instanceof SyncError) || error.retry === 'never') throw error;
    view.tell(error.message);
  }
}

async function steer(cli: Cli, view: TopView, { wish, sync }: { readonly wish: 'pause' | 'resume'; readonly sync: string }): Promise<void> {
  view.tell(`Asking ${sync} to ${wish} …`);
  try {
    const { hasChanged, run } = await steerRun(cli, sync, wish);
    view.tell(hasChanged ? `${sync} was asked to ${wish} (${run.id}).` : `${sync} is ${wish === 'pause' ? 'paused already' : 'not paused'} (${run.id}).`);
  } catch (error) {
    view.tell(error instanceof CliError || error instanceof SyncError ? error.message : `${sync} could not be asked to ${wish}.`);
  }
}
