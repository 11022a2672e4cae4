import type { Column } from '../output/table.ts';

/** A part of the view: a heading, and its lines. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

export const left = (title: string): Column => ({ title });
export const right = (title: string): Column => ({ title, align: 'right' });

export function indented(text: string): readonly string[] {
  return text.split('\n').map((line) => `  ${line}`);
}
