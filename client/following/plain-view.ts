import { formatCount, formatPercent } from '../output/numbers.ts';
import type { Output } from '../output/output.ts';
import { clean } from '../output/text.ts';
import { formatSpeed } from './live-view.ts';
import { expectedCount, phaseWords, type RunSnapshot, type RunView, settledCount, standstillLines, workCounts } from './run-snapshot.ts';

const EVERY_MS = 2_000;

/** One line on stderr where something changed, at most every two seconds: for logs and pipes. */
export class PlainView implements RunView {
  readonly #output: Output;
  #lastLine = '';
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(output: Output) {
    this.#output = output;
  }

  update(snapshot: RunSnapshot): void {
    if (snapshot.now - this.#lastAt < EVERY_MS) return;
    const lines = renderPlain(snapshot);
    // The speed and the seconds of a wait change by themselves: that is no news.
    const news = [phaseWords(snapshot), JSON.stringify(snapshot.run.totals), ...snapshot.run.waits.map((wait) => wait.reason), snapshot.retry?.attempt].join();
    if (news === this.#lastLine) return;
    this.#lastLine = news;
    this.#lastAt = snapshot.now;
    for (const line of lines) this.#output.note(line);
  }

  end(): void {
    this.#lastLine = '';
  }
}

/** The state of a run as plain lines: progress, then each wait. */
export function renderPlain(snapshot: RunSnapshot): readonly string[] {
  const { run, perSecond } = snapshot;
  const done = settledCount(run.totals);
  const all = expectedCount(run);
  const progress = all === undefined ? `${formatCount(done)} records` : `${formatCount(done)} of ${formatCount(all)} (${formatPercent(done, all)})`;
  const counts = workCounts(run.totals).map(([name, count]) => `${formatCount(count)} ${name}`);
  const parts = [progress, ...(perSecond === undefined ? [] : [formatSpeed(perSecond)]), ...(counts.length === 0 ? [] : [counts.join(', ')])];
  const isNothingYet = done === 0 && run.totals.read === 0;
  return [
    isNothingYet ? phaseWords(snapshot) : `${phaseWords(snapshot).padEnd(15)}  ${parts.join('  ')}`,
    ...standstillLines(snapshot).map((line) => `${' '.repeat(15)}  ${clean(line)}`),
  ];
}
