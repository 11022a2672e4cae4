import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { escapeText } from './markup.ts';

/** What is special about one kind of page. */
export interface PageParts {
  readonly title: string;
  /** Markup of its head and its sections. */
  readonly header: string;
  readonly sections: readonly string[];
  readonly footer: string;
  /** What its script draws. */
  readonly figures: unknown;
  /** Draws them, by the functions of `assets/charts.mjs`. */
  readonly script: URL;
}

/**
 * One HTML file that needs nothing beside it: the library, the style and the figures are inside, and its policy lets it ask nobody for anything.
 * @param redact hides known secrets in what is shown
 */
export function renderFrame({ title, header, sections, footer, figures, script }: PageParts, redact: (text: string) => string): string {
  const style = `${read(LIBRARY_STYLE)}\n${read(PAGE_STYLE)}`;
  const scripts = [read(LIBRARY), read(CHARTS), read(script)].map((text) => text.replaceAll('</script', '<\\/script'));
  const policy = [
    "default-src 'none'",
    `style-src ${digest(style)}`,
    `script-src ${scripts.map(digest).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const drawn = JSON.stringify(figures).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${redact(escapeText(title))}</title>
<style>${style}</style>
</head>
<body>
${redact(`${header}
<main>
${sections.join('\n')}
</main>
<footer>${escapeText(footer)}</footer>`)}
<script type="application/json" id="figures">${redact(drawn)}</script>
${scripts.map((text) => `<script>${text}</script>`).join('\n')}
</body>
</html>
`;
}

const packages = createRequire(import.meta.url);
const LIBRARY = packages.resolve('uplot/dist/uPlot.iife.min.js');
const LIBRARY_STYLE = packages.resolve('uplot/dist/uPlot.min.css');
const PAGE_STYLE = new URL('./assets/page.css', import.meta.url);
const CHARTS = new URL('./assets/charts.mjs', import.meta.url);

function read(file: string | URL): string {
  return readFileSync(file, 'utf8');
}

/** What a policy knows an inline text by. */
function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
