/** Text in HTML: what an API says is no markup. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Its cells are markup already. */
  readonly isMarkup?: boolean;
}

/** A table with a caption for those who cannot see what is beside it. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cell = (tag: string, text: string, { align, isMarkup = false }: Column) =>
    `<${tag}${align === undefined ? '' : ' class="right"'}${tag === 'th' ? ' scope="col"' : ''}>${isMarkup ? text : escapeText(text)}</${tag.split(' ')[0]}>`;
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
