/** Text in HTML: what an API says is no markup. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Its cells are markup already. */
  readonly isMarkup?: boolean;
  /** Whole sentences: it is not made too narrow for them. */
  readonly isWords?: boolean;
  /** It stays on one line. */
  readonly isTight?: boolean;
}

/** A table with a caption for those who cannot see what is beside it. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cell = (tag: string, text: string, { align, isMarkup = false, isWords = false, isTight = false }: Column) =>
    `<${tag}${align === undefined ? (isWords ? ' class="words"' : isTight ? ' class="tight"' : '') : ' class="right"'}${tag === 'th' ? ' scope="col"' : ''}>${isMarkup ? text : escapeText(text)}</${tag.split(' ')[0]}>`;
  const head = columns.map((column) => cell('th', escapeText(column.title), { ...column, isMarkup: true })).join('');
  const body = rows.map((row) => `<tr>${columns.map((column, index) => cell('td', row[index] ?? '', column)).join('')}</tr>`).join('\n');
  return `<div class="scroll"><table><caption>${escapeText(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** A chart that the page's script draws, with its figures as a table below. */
export function chart(id: string, label: string, figures: string): string {
  return `<div class="chart" id="${id}" role="img" aria-label="${escapeText(label)}"></div>
<details><summary>The same as a table</summary>${figures}</details>`;
}

/** A share as a bar, from 0 to 1. */
export function bar(share: number, name: string): string {
  const width = Math.max(share > 0 ? 0.5 : 0, Math.min(100, share * 100));
  return `<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="8"/><rect class="of-${name}" width="${width.toFixed(2)}" height="8"/></svg>`;
}

export function section(title: string, note: string, body: string): string {
  return `<section><h2>${escapeText(title)}</h2>${note === '' ? '' : `<p class="note">${escapeText(note)}</p>`}\n${body}</section>`;
}

/** A few figures side by side, the first that is looked at. */
export function tiles(facts: readonly (readonly [name: string, value: string])[]): string {
  return `<dl>${facts.map(([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`).join('')}</dl>`;
}

/** Shares of a whole as one bar, with what each is. */
export function stackedBar(parts: readonly { readonly name: string; readonly count: number }[], label: string): string {
  const whole = Math.max(
    1,
    parts.reduce((sum, { count }) => sum + count, 0),
  );
  let from = 0;
  const pieces = parts.map(({ name, count }) => {
    const width = (count / whole) * 1_000;
    const piece = `<rect class="of-${name}" x="${from.toFixed(1)}" width="${Math.max(count > 0 ? 2 : 0, width).toFixed(1)}" height="20"/>`;
    from += width;
    return piece;
  });
  return `<svg class="stacked" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label="${escapeText(label)}"><rect class="ground" width="1000" height="20"/>${pieces.join('')}</svg>`;
}

/** The colour of an outcome before its name, or other words. Markup. */
export function swatch(name: string, words = name): string {
  return `<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class="of-${name}" width="10" height="10" rx="2"/></svg>${escapeText(words)}`;
}
