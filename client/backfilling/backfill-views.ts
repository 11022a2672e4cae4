import { LiveView } from '../following/live-lines.ts';
import type { Output } from '../output/output.ts';
import { backfillLine, backfillLines } from './backfill-lines.ts';
import type { BackfillSnapshot, BackfillView } from './follow-backfill.ts';

const EVERY_MS = 2_000;

/** How a backfill is shown where the output goes. */
export function openBackfillView(output: Output): BackfillView {
  return output.isLive
    ? new LiveView(output, (snapshot, spinner) => backfillLines(snapshot, output.noteTheme, { width: output.width, spinner }))
    : new BackfillNews(output);
}

/** A line on stderr, or an event on stdout, where something changed, at most every two seconds. */
class BackfillNews implements BackfillView {
  readonly #output: Output;
  #told = { line: '', at: Number.NEGATIVE_INFINITY };

  constructor(output: Output) {
    this.#output = output;
  }

  update(snapshot: BackfillSnapshot): void {
    const { progress, totals, trouble, now } = snapshot;
    const line = [...(progress.paused ? ['paused'] : []), ...(trouble === undefined ? [] : [trouble]), backfillLine(snapshot)].join('  ');
    if (line === this.#told.line || now - this.#told.at < EVERY_MS) return;
    this.#told = { line, at: now };
    this.#output.note(line);
    this.#output.event({ event: 'progress', at: new Date(now).toISOString(), ...progress, totals });
  }

  end(): void {
    this.#told = { line: '', at: Number.NEGATIVE_INFINITY };
  }
}
