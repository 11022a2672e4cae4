import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { formatCount, formatRate } from '../output/numbers.ts';
import { formatDuration, formatTime } from '../output/times.ts';
import { latencySection, quotaSection, throughputSection } from './chart-sections.ts';
import { errorSection, outcomeSection, slowestSection, stepSection } from './list-sections.ts';
import { escapeText } from './markup.ts';
import type { PageDocument } from './page-document.ts';

/**
 * A run as one HTML file that needs nothing beside it: the library, the style and the figures are inside, and its policy lets it ask nobody for anything.
 * @param redact hides known secrets in what comes from the run
 */
export function renderPage(document: PageDocument, redact: (text: string) => string): string {
  const style = `${read(LIBRARY_STYLE)}\n${read(PAGE_STYLE)}`;
  const scripts = [read(LIBRARY), read(PAGE_SCRIPT)].map((script) => script.replaceAll('</script', '<\\/script'));
  const policy = [
    "default-src 'none'",
    `style-src ${digest(style)}`,
    `script-src ${scripts.map(digest).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const figures = JSON.stringify(document).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${redact(escapeText(`${document.run.sync} ${document.run.id}`))}</title>
<style>${style}</style>
</head>
<body>
${redact(body(document))}
<script type="application/json" id="figures">${redact(figures)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

const packages = createRequire(import.meta.url);
const LIBRARY = packages.resolve('uplot/dist/uPlot.iife.min.js');
const LIBRARY_STYLE = packages.resolve('uplot/dist/uPlot.min.css');
const PAGE_STYLE = new URL('./assets/page.css', import.meta.url);
const PAGE_SCRIPT = new URL('./assets/draw-charts.mjs', import.meta.url);

function read(file: string | URL): string {
  return readFileSync(file, 'utf8');
}

/** What a policy knows an inline text by. */
function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function body(document: PageDocument): string {
  return `${header(document)}
<main>
${[outcomeSection, throughputSection, latencySection, quotaSection, stepSection, errorSection, slowestSection].map((render) => render(document)).join('\n')}
</main>
<footer>Made by syncline from the ledger. It holds no keys and no fields of records, of messages only what does not look like a value, and it asks nobody for anything.</footer>`;
}

function header({ run, totals, latencyMs }: PageDocument): string {
  const began = new Date(run.startedAt ?? run.requestedAt ?? 0).getTime();
  const tone = run.state === 'completed' ? 'good' : run.state === 'failed' || run.state === 'books-open' || run.state === 'abandoned' ? 'bad' : 'warning';
  const tiles = [
    ['records', formatCount(totals.read + totals.retriedFromEarlier)],
    ['written', formatCount(totals.written)],
    ['rejected', formatCount(totals.rejected)],
    ['took', formatDuration(run.durationMs)],
    ['speed', formatRate((run.recordsPerSecond ?? 0) * run.durationMs, run.durationMs * 1_000)],
    ['requests', formatCount(totals.requests)],
    ['answered 429', formatCount(totals.throttled)],
    ['median latency', latencyMs === null ? '–' : formatDuration(latencyMs.p50)],
  ] as const;
  const failure = run.failure === null ? '' : `<p class="failure"><b>${escapeText(run.failure.code)}</b> ${escapeText(run.failure.message)}</p>`;
  return `<header>
<h1>${escapeText(run.sync)} <span class="state ${tone}">${escapeText(run.state.replaceAll('-', ' '))}</span></h1>
<p class="note">${escapeText(`${run.project}/${run.profile}`)} · <code>${escapeText(run.id)}</code> · ${escapeText(run.trigger)} · ${formatTime(began)}${run.endedAt === null ? '' : ` to ${formatTime(new Date(run.endedAt).getTime())}`}</p>
${failure}<dl>${tiles.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeText(value)}</dd></div>`).join('')}</dl>
</header>`;
}
