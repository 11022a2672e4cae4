import { GLOBAL_OPTIONS } from '../flags.ts';
import { pad, wrap } from './text.ts';
import type { Theme } from './theme.ts';

export interface HelpEntry {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
}

const NAME_WIDTH = 9;
const OPTION_WIDTH = 19;

/** `syncline --help`: the commands by what they are for, then what holds for all of them. */
export function renderRootHelp(entries: readonly HelpEntry[], theme: Theme, width: number): string {
  const groups = [...new Set(entries.map((entry) => entry.group))];
  const commandLines = groups.flatMap((group) => [
    '',
    theme.strong(group),
    ...entries.filter((entry) => entry.group === group).map((entry) => line(theme.link(pad(entry.name, NAME_WIDTH)), NAME_WIDTH, entry.summary, width)),
  ]);
  const options = [...GLOBAL_OPTIONS, ['--version', 'print the version'] as const];
  return [
    'Moves records from one SaaS API to another and keeps them in step, durably.',
    '',
    `${theme.strong('Usage')}  syncline COMMAND [options]     syncline COMMAND --help`,
    ...commandLines,
    '',
    theme.strong('With every command'),
    ...options.map(([flags, description]) => line(pad(flags, OPTION_WIDTH), OPTION_WIDTH, description, width)),
    '',
    `New here? syncline init crm && cd crm && syncline dev`,
    '',
  ].join('\n');
}

function line(name: string, nameWidth: number, description: string, width: number): string {
  const margin = ' '.repeat(2 + nameWidth + 2);
  return `  ${name}  ${wrap(description, Math.max(40, width - margin.length)).join(`\n${margin}`)}`;
}
