import { LiveView } from '../following/live-lines.ts';
import { formatCount } from '../output/numbers.ts';
import type { Output } from '../output/output.ts';
import { clean, cut, plural } from '../output/text.ts';
import { driftCount } from '../reports/drift-report.ts';
import type { ComparisonSnapshot, ComparisonView } from './follow-comparison.ts';

const EVERY_MS = 2_000;

/** How a comparison is shown where the output goes. */
export function openComparisonView(output: Output, sync: string): ComparisonView {
  if (!output.isLive) return new ComparisonNews(output, sync);
  const { good, strong, faint } = output.noteTheme;
  return new LiveView(output, (snapshot, spinner) => [
    `${good(spinner)} ${strong(sync)}  ${comparisonWords(snapshot)}`,
    ...(snapshot.standstill === undefined ? [] : [faint(`  ${cut(clean(snapshot.standstill), output.width - 2)}`)]),
  ]);
}

/** How far it is, in words. */
export function comparisonWords({ reconciliation }: Pick<ComparisonSnapshot, 'reconciliation'>): string {
  if (reconciliation === undefined || reconciliation.checked === 0) return 'reading the target back';
  const all = driftCount(reconciliation) + reconciliation.found.extra;
  return `${plural(reconciliation.checked, 'record')} compared${all === 0 ? '' : `, ${formatCount(all)} found`}`;
}

/** A line on stderr where something changed, at most every two seconds. */
class ComparisonNews implements ComparisonView {
  readonly #output: Output;
  readonly #sync: string;
  #told = { line: '', at: Number.NEGATIVE_INFINITY };

  constructor(output: Output, sync: string) {
    this.#output = output;
    this.#sync = sync;
    this.#told.line = this.#lineOf({ reconciliation: undefined, standstill: undefined });
  }

  update(snapshot: ComparisonSnapshot): void {
    const line = this.#lineOf(snapshot);
    if (line === this.#told.line || snapshot.now - this.#told.at < EVERY_MS) return;
    this.#told = { line, at: snapshot.now };
    this.#output.note(line);
  }

  end(): void {
    this.#told = { line: '', at: Number.NEGATIVE_INFINITY };
  }

  #lineOf(snapshot: Pick<ComparisonSnapshot, 'reconciliation' | 'standstill'>): string {
    return [this.#sync, comparisonWords(snapshot), ...(snapshot.standstill === undefined ? [] : [clean(snapshot.standstill)])].join('  ');
  }
}
