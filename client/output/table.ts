import { pad, textWidth } from './text.ts';
import type { Theme } from './theme.ts';

export interface Column {
  readonly title: string;
  /** @default 'left' */
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** An aligned table: faint capitals above, two spaces between, nothing behind the last column. Cells may be coloured. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], theme: Theme): string {
  const titles = columns.map((column) => column.title.toUpperCase());
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => textWidth(row[index] ?? ''))));
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) => pad(cells[index] ?? '', widths[index] ?? 0, column.align))
      .join(GAP)
      .trimEnd();
  return [theme.faint(line(titles)), ...rows.map(line)].join('\n');
}

/** Aligned `name  value` lines; a value of several lines is indented as one block. */
export function renderFields(fields: readonly (readonly [name: string, value: string])[], theme: Theme, indent = 2): string {
  const width = Math.max(...fields.map(([name]) => textWidth(name)));
  const margin = ' '.repeat(indent);
  return fields
    .map(([name, value]) => `${margin}${theme.faint(pad(name, width))}${GAP}${value.split('\n').join(`\n${margin}${' '.repeat(width)}${GAP}`)}`)
    .join('\n');
}
