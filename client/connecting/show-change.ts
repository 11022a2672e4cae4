import type { Theme } from '../output/theme.ts';

/** The lines in which one text differs from another, with a sign and a line around them. */
export function renderChange(before: string, after: string, theme: Theme): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const start = commonLines(old, fresh);
  const end = Math.min(commonLines(old.toReversed(), fresh.toReversed()), Math.min(old.length, fresh.length) - start);
  return [
    ...old.slice(Math.max(0, start - 1), start).map((line) => theme.faint(`    ${line}`)),
    ...old.slice(start, old.length - end).map((line) => theme.bad(`  - ${line}`)),
    ...fresh.slice(start, fresh.length - end).map((line) => theme.good(`  + ${line}`)),
  ].join('\n');
}

function commonLines(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((line, index) => line !== other[index]);
  return differs === -1 ? Math.min(one.length, other.length) : differs;
}
