import { formatDuration } from '../output/times.ts';
import { escapeText } from '../page/markup.ts';
import type { PageWait } from './find-waits.ts';
import type { PageStep } from './page-steps.ts';

const ROW = 22;
const NAMES = 200;
const WIDTH = 1_000;
const TIMES = 80;

/** The steps as bars under one another, to one scale; behind them, where the run stood still. */
export function stepBars(steps: readonly PageStep[], waits: readonly PageWait[]): string {
  const from = Math.min(0, ...steps.map((step) => step.fromMs));
  const until = Math.max(from + 1, ...steps.map((step) => step.untilMs));
  const x = (ms: number) => NAMES + ((ms - from) / (until - from)) * (WIDTH - NAMES - TIMES);
  const still = waits
    .filter(({ fromMs }) => fromMs < until)
    .map(({ fromMs, untilMs }) => {
      const end = x(Math.min(until, untilMs));
      return `<rect class="still" x="${x(fromMs).toFixed(1)}" y="0" width="${(end - x(fromMs)).toFixed(1)}" height="${steps.length * ROW}"/>`;
    });
  const rows = steps.map(({ name, kind, fromMs, untilMs }, index) => {
    const top = index * ROW;
    const width = Math.max(2, x(untilMs) - x(fromMs));
    return `<text x="0" y="${top + 15}">${escapeText(name)}</text><rect class="track" x="${NAMES}" y="${top + 10}" width="${WIDTH - NAMES - TIMES}" height="1"/><rect class="step-${kind}" x="${x(fromMs).toFixed(1)}" y="${top + 4}" width="${width.toFixed(1)}" height="13" rx="2"/><text class="faint" x="${(x(fromMs) + width + 6).toFixed(1)}" y="${top + 15}">${formatDuration(untilMs - fromMs)}</text>`;
  });
  return `<div class="scroll"><svg class="steps" id="steps" viewBox="0 0 ${WIDTH} ${steps.length * ROW}" role="img" aria-label="Steps of the run to one scale">${[...still, ...rows].join('\n')}</svg></div>`;
}
