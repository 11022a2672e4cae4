import { LiveLines } from '../following/live-lines.ts';
import { spinner } from '../following/live-view.ts';
import type { Output } from '../output/output.ts';
import { backfillLine, backfillLines } from './backfill-lines.ts';
import type { BackfillSnapshot, BackfillView } from './follow-backfill.ts';

const EVERY_MS = 2_000;

/** How a backfill is shown where the output goes. */
export function openBackfillView(output: Output): BackfillView {
  return output.isLive ? new LiveBackfillView(output) : new BackfillNews(output);
}

/** A few lines in a terminal, drawn over again and again. */
class LiveBackfillView implements BackfillView {
  readonly #output: Output;
  readonly #lines: LiveLines;
  #frame = 0;

  constructor(output: Output) {
    this.#output = output;
    this.#lines = new LiveLines(output);
  }

  update(snapshot: BackfillSnapshot): void {
    this.#frame += 1;
    const { noteTheme, width } = this.#output;
    this.#lines.draw(backfillLines(snapshot, noteTheme, { width, spinner: spinner(this.#frame) }));
  }

  end(): void {
    this.#lines.end();
  }
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
