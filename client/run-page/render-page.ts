import { formatCount, formatRate } from '../output/numbers.ts';
import { formatDuration, formatTime } from '../output/times.ts';
import { escapeText, tiles } from '../page/markup.ts';
import { renderFrame } from '../page/page-frame.ts';
import { latencySection, quotaSection, throughputSection } from './chart-sections.ts';
import { errorSection, outcomeSection, slowestSection, stepSection } from './list-sections.ts';
import type { PageDocument } from './page-document.ts';

const SECTIONS = [outcomeSection, throughputSection, latencySection, quotaSection, stepSection, errorSection, slowestSection] as const;
const DRAW = new URL('./assets/draw-run.mjs', import.meta.url);

/** A run as one HTML file. @param redact hides known secrets in what comes from the run */
export function renderPage(document: PageDocument, redact: (text: string) => string): string {
  const { slots, stepMs, waits, pacePerSecond } = document;
  return renderFrame(
    {
      title: `${document.run.sync} ${document.run.id}`,
      header: header(document),
      sections: SECTIONS.map((render) => render(document)),
      footer:
        'Made by syncline from the ledger. It holds no keys and no fields of records, of messages only what does not look like a value, and it asks nobody for anything.',
      figures: { slots, stepMs, waits, pacePerSecond },
      script: DRAW,
    },
    redact,
  );
}

function header({ run, totals, latencyMs }: PageDocument): string {
  const began = new Date(run.startedAt ?? run.requestedAt ?? 0).getTime();
  const tone = run.state === 'completed' ? 'good' : run.state === 'failed' || run.state === 'books-open' || run.state === 'abandoned' ? 'bad' : 'warning';
  const failure = run.failure === null ? '' : `<p class="failure"><b>${escapeText(run.failure.code)}</b> ${escapeText(run.failure.message)}</p>`;
  const facts = tiles([
    ['records', formatCount(totals.read + totals.retriedFromEarlier)],
    ['written', formatCount(totals.written)],
    ['rejected', formatCount(totals.rejected)],
    ['took', formatDuration(run.durationMs)],
    ['speed', formatRate((run.recordsPerSecond ?? 0) * run.durationMs, run.durationMs * 1_000)],
    ['requests', formatCount(totals.requests)],
    ['answered 429', formatCount(totals.throttled)],
    ['median latency', latencyMs === null ? '–' : formatDuration(latencyMs.p50)],
  ]);
  return `<header>
<h1>${escapeText(run.sync)} <span class="state ${tone}">${escapeText(run.state.replaceAll('-', ' '))}</span></h1>
<p class="note">${escapeText(`${run.project}/${run.profile}`)} · <code>${escapeText(run.id)}</code> · ${escapeText(run.trigger)} · ${formatTime(began)}${run.endedAt === null ? '' : ` to ${formatTime(new Date(run.endedAt).getTime())}`}</p>
${failure}${facts}
</header>`;
}
