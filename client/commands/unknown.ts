import { z } from 'zod';
import { syncScope } from '../../engine/ids.ts';
import type { UnknownResolution, UnknownWrite } from '../../ledger/unknown-store.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { listSchema, quotedList } from '../list-argument.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import { formatTime } from '../output/times.ts';

const PAGE = 1_000;

const resolutionSchema = z.string().transform((text, context): UnknownResolution => {
  if (text === 'not-written') return { as: 'not-written' };
  const [, id] = /^written(?::(.+))?$/.exec(text) ?? [];
  if (id !== undefined) return { as: 'written', targetId: id };
  if (text === 'written') return { as: 'written' };
  context.addIssue({ code: 'custom', message: `expected written, written:ID or not-written, not "${clean(text)}"` });
  return z.NEVER;
});

export const unknownCommand = defineCommand({
  name: 'unknown',
  group: 'Steer',
  summary: 'Writes whose answer was lost and that only you can look up: list them, say what became of them',
  arguments: [
    ['<action>', 'list or resolve'],
    ['<sync>', 'name of the sync'],
  ],
  options: [
    ['--key <keys>', 'resolve these, by primary key: K[,K]'],
    ['--as <found>', 'what you found in the target: written, written:ID, or not-written'],
  ],
  examples: [
    'syncline unknown list orders-to-erp',
    'syncline unknown resolve orders-to-erp --key 4711 --as written:88',
    'syncline unknown resolve orders-to-erp --key 4712 --as not-written',
  ],
  input: z
    .object({ action: z.enum(['list', 'resolve'], 'expected list or resolve'), sync: z.string(), key: listSchema.optional(), as: resolutionSchema.optional() })
    .refine(
      (input) => input.action === 'list' || (input.key !== undefined && input.as !== undefined),
      'Say which and what: --key K --as written[:ID]|not-written',
    )
    .refine(
      (input) => input.as?.as !== 'written' || input.as.targetId === undefined || input.key?.length === 1,
      'An id belongs to one record: resolve one --key at a time',
    ),
  run: async (cli, { action, sync, key = [], as }) => {
    const ref = await cli.session.sync(sync);
    if (action === 'resolve' && as !== undefined) return resolve(cli, { sync, scope: syncScope(ref), keys: key, resolution: as });
    return list(cli, sync, syncScope(ref));
  },
});

async function list(cli: Cli, sync: string, scope: string): Promise<ExitCode> {
  const writes = await readAll(cli, scope);
  cli.out.document({
    sync,
    unknown: writes.map(({ sentAt, ...write }) => ({ ...write, sentAt: sentAt === undefined ? undefined : new Date(sentAt).toISOString() })),
  });
  const { theme } = cli.out;
  if (writes.length === 0) {
    cli.out.print(`${theme.good('✓')} Every write of ${sync} has been accounted for.`);
    return EXIT.done;
  }
  cli.out.print(`${theme.strong(sync)}: ${theme.warning(plural(writes.length, 'write'))} without an answer, sent once and never again by itself\n`);
  const rows = writes.map((write) => [
    clean(write.key),
    write.sentAt === undefined ? '' : formatTime(write.sentAt),
    write.request ?? '',
    answerOf(write),
    write.runId,
  ]);
  cli.out.print(renderTable([{ title: 'key' }, { title: 'sent' }, { title: 'request' }, { title: 'answer' }, { title: 'run' }], rows, theme));
  const [first] = writes;
  const one = `--key ${quotedList([first?.key ?? 'KEY'])}`;
  cli.out.note(
    `\nLook each up in the target, then say what you found:\n  ${cli.command(`unknown resolve ${sync} ${one} --as written:ID`)}\n  ${cli.command(`unknown resolve ${sync} ${one} --as not-written`)}`,
  );
  return EXIT.done;
}

function answerOf({ status, failure }: UnknownWrite): string {
  return failure ?? (status === undefined ? 'none' : String(status));
}

interface Decision {
  readonly sync: string;
  readonly scope: string;
  readonly keys: readonly string[];
  readonly resolution: UnknownResolution;
}

async function resolve(cli: Cli, { sync, scope, keys, resolution }: Decision): Promise<ExitCode> {
  const ledger = await cli.session.ledger();
  const waiting = new Set((await readAll(cli, scope)).map((write) => write.key));
  const strangers = keys.filter((key) => !waiting.has(key));
  if (strangers.length > 0) {
    const message = `${sync} has no write without an answer for key ${strangers.map(clean).join(', ')}; nothing was changed. See them: ${cli.command(`unknown list ${sync}`)}`;
    throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_RECORD', message });
  }
  const effect = resolution.as === 'written' ? 'counted as written, and not sent again' : 'sent again by the next run';
  if (!(await cli.allowChange(`${plural(keys.length, 'record')} of ${sync}: ${effect}?`))) return EXIT.done;
  let resolved = 0;
  try {
    for (; resolved < keys.length; resolved++) await ledger.resolveUnknown(scope, keys[resolved] ?? '', resolution, Date.now());
  } finally {
    if (resolved > 0) await cli.audit.record('unknown.resolved', { sync, details: { records: resolved, as: resolution.as } });
  }
  cli.out.document({ sync, resolved: keys, as: resolution.as });
  cli.out.print(`${cli.out.theme.good('✓')} ${plural(keys.length, 'record')} of ${sync}: ${effect}.`);
  if (resolution.as === 'not-written') cli.out.note(`Send now: ${cli.command(`run ${sync}`)}`);
  return EXIT.done;
}

async function readAll(cli: Cli, scope: string): Promise<readonly UnknownWrite[]> {
  const ledger = await cli.session.ledger();
  const writes: UnknownWrite[] = [];
  for (let afterKey: string | undefined = ''; afterKey !== undefined; ) {
    const page: readonly UnknownWrite[] = await ledger.listUnknown(scope, { afterKey, limit: PAGE });
    writes.push(...page);
    afterKey = page.length < PAGE ? undefined : page.at(-1)?.key;
  }
  return writes;
}
