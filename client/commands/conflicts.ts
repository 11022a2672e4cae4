import { z } from 'zod';
import { syncScope } from '../../engine/ids.ts';
import type { ConflictHold } from '../../ledger/conflict-store.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { listSchema, quotedList } from '../list-argument.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import { formatTime } from '../output/times.ts';

const PAGE = 1_000;

export const conflictsCommand = defineCommand({
  name: 'conflicts',
  group: 'Steer',
  summary: 'Records that both sides changed and that wait for you: list them, say whose value stands',
  arguments: [
    ['<action>', 'list or resolve'],
    ['<sync>', 'name of the sync'],
  ],
  options: [
    ['--key <keys>', 'resolve these, by primary key: K[,K]'],
    ['--take <side>', 'whose values stand: source or target'],
  ],
  examples: ['syncline conflicts list contacts-to-hubspot', 'syncline conflicts resolve contacts-to-hubspot --key 4711 --take source'],
  input: z
    .object({
      action: z.enum(['list', 'resolve'], 'expected list or resolve'),
      sync: z.string(),
      key: listSchema.optional(),
      take: z.enum(['source', 'target'], 'expected source or target').optional(),
    })
    .refine((input) => input.action === 'list' || (input.key !== undefined && input.take !== undefined), 'Say which and whose: --key K --take source|target'),
  run: async (cli, { action, sync, key = [], take }) => {
    const scope = syncScope(await cli.session.sync(sync));
    return action === 'resolve' && take !== undefined ? resolve(cli, sync, scope, key, take) : list(cli, sync, scope);
  },
});

async function list(cli: Cli, sync: string, scope: string): Promise<ExitCode> {
  const { out } = cli;
  const holds = await readAll(cli, scope);
  out.document({ sync, conflicts: holds.map(({ at, ...hold }) => ({ ...hold, at: new Date(at).toISOString() })) });
  if (holds.length === 0) {
    out.print(`${out.theme.good('✓')} Nothing of ${sync} waits for a decision.`);
    return EXIT.done;
  }
  out.print(`${out.theme.strong(sync)}: ${out.theme.warning(plural(holds.length, 'record'))} changed on both sides, held until you decide\n`);
  const rows = holds.map(({ key, at, message }) => [clean(key), formatTime(at), clean(message)]);
  out.print(renderTable([{ title: 'key' }, { title: 'held' }, { title: 'what differs' }], rows, out.theme));
  const one = `--key ${quotedList([holds[0]?.key ?? 'KEY'])}`;
  out.note(
    `\nSay whose values stand:\n  ${cli.command(`conflicts resolve ${sync} ${one} --take source`)}\n  ${cli.command(`conflicts resolve ${sync} ${one} --take target`)}`,
  );
  return EXIT.done;
}

async function resolve(cli: Cli, sync: string, scope: string, keys: readonly string[], take: 'source' | 'target'): Promise<ExitCode> {
  const waiting = new Set((await readAll(cli, scope)).map(({ key }) => key));
  const strangers = keys.filter((key) => !waiting.has(key));
  if (strangers.length > 0) {
    const message = `${sync} has no conflict for key ${strangers.map(clean).join(', ')}; nothing was changed. See them: ${cli.command(`conflicts list ${sync}`)}`;
    throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_RECORD', message });
  }
  const effect = take === 'source' ? 'written by the next run, whatever others set' : 'left as they are in the target, until the source changes again';
  if (!(await cli.allowChange(`${plural(keys.length, 'record')} of ${sync}: ${effect}?`))) return EXIT.done;
  const ledger = await cli.session.ledger();
  let resolved = 0;
  try {
    for (; resolved < keys.length; resolved++) await ledger.resolveConflict(scope, keys[resolved] ?? '', take, Date.now());
  } finally {
    if (resolved > 0) await cli.audit.record('conflict.resolved', { sync, details: { records: resolved, take } });
  }
  cli.out.document({ sync, resolved: keys, take });
  cli.out.print(`${cli.out.theme.good('✓')} ${plural(keys.length, 'record')} of ${sync}: ${effect}.`);
  if (take === 'source') cli.out.note(`Write now: ${cli.command(`retry ${sync} --key ${quotedList(keys)}`)}`);
  return EXIT.done;
}

async function readAll(cli: Cli, scope: string): Promise<readonly ConflictHold[]> {
  const ledger = await cli.session.ledger();
  const holds: ConflictHold[] = [];
  for (let afterKey: string | undefined = ''; afterKey !== undefined; ) {
    const page: readonly ConflictHold[] = await ledger.listConflicts(scope, { afterKey, limit: PAGE });
    holds.push(...page);
    afterKey = page.length < PAGE ? undefined : page.at(-1)?.key;
  }
  return holds;
}
