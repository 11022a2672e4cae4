import { readFileSync } from 'node:fs';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The commands of README's "In production", a line each, without what is said beside them. */
export function productionCommands(): readonly string[] {
  const section = /^## In production\n(.*?)^## /ms.exec(README)?.[1] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('    '));
  return lines.map((line) => line.trim().replace(/ {2,}.*$/, ''));
}

/** What follows `start`, in words. */
export function wordsAfter(start: string, commands: readonly string[]): readonly (readonly string[])[] {
  return commands.filter((command) => command.startsWith(start)).map((command) => command.slice(start.length).trim().split(' '));
}
