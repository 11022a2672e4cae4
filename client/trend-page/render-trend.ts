import { formatCount, formatPercent } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import { formatDay, formatDuration } from '../output/times.ts';
import { escapeText, section, tiles } from '../page/markup.ts';
import { renderFrame } from '../page/page-frame.ts';
import { figureWords } from './figure-words.ts';
import type { TrendDocument } from './read-trend.ts';
import { chartSections } from './trend-charts.ts';
import { errorsSection, kpiSection, runsSection } from './trend-tables.ts';

const DRAW = new URL('./assets/draw-trend.mjs', import.meta.url);

export interface TrendLayout {
  /** Hides known secrets in what is shown. */
  readonly redact: (text: string) => string;
  /** Where a run's own page is, from the file's own place; undefined where there is none. */
  readonly linkTo: (runId: string) => string | undefined;
}

/** The runs of a time as one HTML file. */
export function renderTrend(document: TrendDocument, { redact, linkTo }: TrendLayout): string {
  const { runs, days, quotas, sync, since, until } = document;
  const nothing = section('No run', '', `<p class="none">No run of ${escapeText(sync)} began in this time.</p>`);
  return renderFrame(
    {
      title: `${sync} ${formatDay(since)} to ${formatDay(until)}`,
      header: header(document),
      sections: runs.length === 0 ? [nothing] : [kpiSection(document), ...chartSections(document), errorsSection(document), runsSection(document, linkTo)],
      footer:
        'Made by syncline from the ledger. It holds no keys and no fields of records, of messages only what does not look like a value, and it asks nobody for anything.',
      figures: { runs: runs.filter(({ isRegular }) => isRegular), days, quotas },
      script: DRAW,
    },
    redact,
  );
}

function header({ project, profile, sync, since, until, runs, outcomes, kpis, isCut }: TrendDocument): string {
  const ended = outcomes.good + outcomes.withRejections + outcomes.bad;
  const [tone, words] =
    outcomes.bad > 0
      ? (['bad', plural(outcomes.bad, 'run failed', 'runs failed')] as const)
      : (['good', ended === 0 ? 'no run ended' : 'no run failed'] as const);
  const sum = (of: (run: (typeof runs)[number]) => number) => formatCount(runs.reduce((all, run) => all + of(run), 0));
  const median = (name: string) => {
    const kpi = kpis.find((one) => one.name === name);
    return kpi === undefined ? '–' : figureWords(kpi.median, kpi.unit);
  };
  const facts = tiles([
    ['runs', formatCount(runs.length)],
    ['went well', ended === 0 ? '–' : formatPercent(ended - outcomes.bad, ended)],
    ['records taken', sum(({ taken }) => taken)],
    ['written', sum(({ written }) => written)],
    ['rejected', sum(({ rejected }) => rejected)],
    ['median run', median('run time')],
    ['median request', median('request, median')],
    ['median lag', median('lag behind the source')],
  ]);
  const cut = isCut ? ` There were more: these are the newest ${formatCount(runs.length)}.` : '';
  return `<header>
<h1>${escapeText(sync)} <span class="state ${tone}">${escapeText(words)}</span></h1>
<p class="note">${escapeText(`${project}/${profile}`)} · ${formatDay(since)} to ${formatDay(until)}, ${formatDuration(until - since)}.${cut}</p>
${facts}
</header>`;
}
