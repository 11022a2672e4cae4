import { parseSyncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import { quotedList } from '../list-argument.ts';
import { quoted } from '../output/text.ts';

/** More keys make no command that a person would copy. */
const MOST_KEYS = 20;

/** What takes the records that an ended run was to take, and did not send. */
export interface RestOfRun {
  readonly by: string;
  /** Without the program's name; undefined where it cannot be told. */
  readonly command: string | undefined;
}

/** Only a run that does all that its sync says leaves its rest to whichever comes next. */
export function restOfRun({ scope, options }: Pick<Run, 'scope' | 'options'>): RestOfRun {
  const { sync } = parseSyncScope(scope);
  const { keys, limit, retry, plan, adopt, window, events, full } = options;
  if (plan !== undefined) return { by: 'another apply of the plan', command: undefined };
  if (adopt === true) return { by: 'another adopt', command: `adopt ${sync}` };
  if (window !== undefined) return { by: 'another backfill', command: `backfill ${sync} --from ${quoted(window.from)} --to ${quoted(window.to)}` };
  if (events === true) return { by: 'the next run of events', command: undefined };
  if (retry === true) return { by: 'another retry', command: withKeys(`retry ${sync}`, keys) };
  if (keys !== undefined) return { by: 'another run of these keys', command: withKeys(`run ${sync}`, keys) };
  if (limit !== undefined) return { by: 'another run with --limit', command: `run ${sync} --limit ${limit}` };
  if (full === true) return { by: 'another run with --full', command: `run ${sync} --full` };
  return { by: 'the next run', command: `run ${sync}` };
}

function withKeys(words: string, keys: readonly string[] | undefined): string | undefined {
  if (keys === undefined) return words;
  return keys.length <= MOST_KEYS ? `${words} --key ${quotedList(keys)}` : undefined;
}

/** @param command makes a command line of words, as `syncline status` */
export function restSentence(run: Pick<Run, 'scope' | 'options'>, command: (words: string) => string): string {
  const rest = restOfRun(run);
  return `what is left is taken by ${rest.by}${rest.command === undefined ? '.' : `: ${command(rest.command)}`}`;
}
