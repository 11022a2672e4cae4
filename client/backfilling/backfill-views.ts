import { LiveView } from '../following/live-lines.ts';
import type { Output } from '../output/output.ts';
import { backfillLine, backfillLines } from './backfill-lines.ts';
import type { BackfillSnapshot, BackfillView, SilentBackfill } from './follow-backfill.ts';

const EVERY_MS = 2_000;

/** How a backfill is shown where the output goes. */
export function openBackfillView(output: Output): BackfillView {
  return output.isLive
    ? new LiveView<BackfillSnapshot | SilentBackfill>(output, (snapshot, spinner) =>
        backfillLines(snapshot, output.noteTheme, { width: output.width, spinner }),
      )
    : new BackfillNews(output);
}

/** A line on stderr, or an event on stdout, where something changed, at most every two seconds. */
class BackfillNews implements BackfillView {
  readonly #output: Output;
  #told = { line: '', at: Number.NEGATIVE_INFINITY };

  constructor(output: Output) {
    this.#output = output;
  }

  update(snapshot: BackfillSnapshot | SilentBackfill): void {
    const { progress, trouble, now } = snapshot;
    const how = progress === undefined ? [] : [...(progress.paused ? ['paused'] : []), backfillLine(snapshot)];
    const line = [...(trouble === undefined ? [] : [trouble]), ...how].join('  ');
    if (line === this.#told.line || now - this.#told.at < EVERY_MS) return;
    this.#told = { line, at: now };
    this.#output.note(line);
    const counts = progress === undefined ? {} : { ...progress, totals: snapshot.totals };
    this.#output.event({ event: 'progress', at: new Date(now).toISOString(), ...counts, ...(trouble === undefined ? {} : { trouble }) });
  }

  end(): void {
    this.#told = { line: '', at: Number.NEGATIVE_INFINITY };
  }
}
