import { z } from 'zod';
import type { OpenConnection, SourceRecord } from '../../connectors/ports.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { accountScope, syncScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { explainRecord } from '../explaining/explain-record.ts';
import type { Explanation } from '../explaining/explanation.ts';
import { findRecord } from '../explaining/find-record.ts';
import { nextStep } from '../explaining/next-step.ts';
import { renderExplanation } from '../explaining/render-explanation.ts';
import { formatCount } from '../output/numbers.ts';
import { clean, quoted } from '../output/text.ts';
import type { ResolvedWithHash } from '../project.ts';

export const explainCommand = defineCommand({
  name: 'explain',
  group: 'Look',
  summary: 'Which rule gave which value of one record, step by step; writes nothing',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--key <key>', 'the record by its primary key in the source'],
    ['--match <value>', 'a record met before, by its match key in the target'],
  ],
  examples: ['syncline explain contacts-to-hubspot --key 4711', 'syncline explain contacts-to-hubspot --match ada@example.com'],
  input: z
    .object({ sync: z.string(), key: z.string().optional(), match: z.string().optional() })
    .refine((input) => (input.key === undefined) !== (input.match === undefined), 'Name the record with --key or with --match'),
  run: async (cli, { sync, key, match }) => {
    const ref = await cli.session.sync(sync);
    const resolved = (await cli.session.project()).resolve(sync);
    const named = key ?? (await keyOf(cli, sync, syncScope(ref), match ?? ''));
    const explanation = await explain(cli, resolved, named);
    cli.out.document({ explanation });
    cli.out.print(renderExplanation(explanation, cli.out));
    const { why, command } = nextStep(explanation);
    cli.out.note(`\n${why}: ${cli.command(command)}`);
    return EXIT.done;
  },
});

async function keyOf(cli: Cli, sync: string, scope: string, match: string): Promise<string> {
  const history = await (await cli.session.ledger()).readHistory(scope, { match });
  if (history !== undefined) return history.state.key;
  const message = `${sync} has never met a record with match key "${clean(match)}". Name it by its key in the source: ${cli.command(`explain ${sync} --key KEY`)}`;
  throw new CliError({ exitCode: EXIT.failed, code: 'UNKNOWN_RECORD', message });
}

async function explain(cli: Cli, resolved: ResolvedWithHash, key: string): Promise<Explanation> {
  const { definition } = resolved;
  const { ref, sync } = definition;
  const connections = await cli.session.connections();
  const ledger = await cli.session.ledger();
  const hints = (await cli.session.project()).hintsFor(ref.sync);
  const signal = cli.interrupted();
  const open = (name: string): OpenConnection => {
    const connection = definition.connections[name];
    if (connection === undefined) throw new Error(`no connection ${name} in a resolved definition`);
    return connections.open(accountScope(ref.project, ref.profile, name), connection);
  };
  try {
    const source = open(sync.source.connection).source(sync.source.object);
    const record = await findRecord(definition, source, { key, signal, onProgress: (read) => draw(cli, `\r  ${formatCount(read)} records read `) });
    draw(cli, '\r\u001b[2K');
    return await explainRecord(record ?? (await refuseUnknown(cli, definition, key)), { ...resolved, ledger, hints, open, signal });
  } catch (error) {
    if (signal.aborted) throw new CliError({ exitCode: EXIT.interrupted, code: 'INTERRUPTED', message: 'Stopped; nothing was written.' });
    throw error;
  }
}

function draw(cli: Cli, text: string): void {
  if (cli.out.isLive) cli.out.draw(text);
}

/** @throws CliError: the source has no such record; what the ledger remembers of it, another command tells */
async function refuseUnknown(cli: Cli, { ref, sync }: ResolvedSync, key: string): Promise<SourceRecord> {
  const known = (await (await cli.session.ledger()).readRecords(syncScope(ref), [key])).has(key);
  const what = `${sync.source.connection} has no record with key "${clean(key)}" in ${sync.source.object}`;
  const next = known
    ? `, or has it no longer. What was done with it earlier: ${cli.command(`records ${ref.sync} --key ${quoted(key)}`)}`
    : '. Keys are those of the source; look there for the right one.';
  throw new CliError({ exitCode: EXIT.failed, code: 'UNKNOWN_RECORD', message: `${what}${next}` });
}
