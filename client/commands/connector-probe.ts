import { z } from 'zod';
import type { Finding } from '../../connectors/draft/probe/findings.ts';
import { ANY_OBJECT } from '../../definition/any-object.ts';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import { accountScope } from '../../engine/ids.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { applyProposals } from '../connecting/apply-proposals.ts';
import { findDefinition } from '../connecting/find-definition.ts';
import { readRecordOption, writeProbe } from '../connecting/write-probe.ts';
import { EXIT } from '../exit-codes.ts';
import { clean } from '../output/text.ts';

export const connectorProbeCommand = defineCommand({
  name: 'probe',
  group: 'Define',
  summary: 'Reads a page or two of an account, and fills in what its connector lacks: records, key, paging, limits, error shapes',
  arguments: [['<connection>', 'name of the connection']],
  options: [
    ['--object <name>', 'the object to read (default: the first that can be listed)'],
    ['--write', 'also send a good and a bad record, and delete what came of them; asks first, never on a profile of production'],
    ['--record <json>', 'with --write: the good record (default: one like the first that is there)'],
  ],
  examples: ['syncline connector probe acme', 'syncline connector probe acme --object orders --yes', 'syncline connector probe acme --write --profile dev'],
  input: z.object({ connection: z.string(), object: z.string().optional(), write: z.boolean().default(false), record: z.string().optional() }),
  run: async (cli, { connection: name, object, write, record }) => {
    const given = readRecordOption(record);
    const connection = await findConnection(cli, name);
    const objectName = object ?? firstListed(connection);
    const project = await cli.session.project();
    // Loaded here: other commands need none of it.
    const { openProbe } = await import('../../connectors/draft/probe/open-probe.ts');
    const options = { resolveSecrets: project.resolveSecrets, directory: project.directory, tokens: await cli.session.ledger() };
    const probe = openProbe(accountScope(project.name, project.profile, name), connection, options);
    try {
      const { findings, proposals } = await probe.list(objectName, cli.interrupted());
      cli.out.print(cli.out.theme.strong(`${name} ${objectName}`));
      for (const finding of findings) print(cli, finding);
      const changed = await applyProposals(cli, findDefinition(project.directory, connection, objectName), objectName, proposals);
      const written = write ? await writeProbe(cli, connection, objectName, given) : undefined;
      if (written !== undefined) cli.out.print();
      for (const finding of written ?? []) print(cli, finding);
      cli.out.document({
        connection: name,
        object: objectName,
        findings: [...findings, ...(written ?? [])],
        proposals,
        ...(changed === undefined ? {} : { changed }),
      });
      return EXIT.done;
    } finally {
      await probe.close();
    }
  },
});

async function findConnection(cli: Cli, name: string): Promise<ResolvedConnection> {
  const project = await cli.session.project();
  const names = project.connectionNames;
  if (names.includes(name)) return project.connection(name);
  const known = names.length === 0 ? 'It has none yet.' : `It has: ${names.join(', ')}.`;
  throw new CliError({
    exitCode: EXIT.usage,
    code: 'UNKNOWN_CONNECTION',
    message: `${project.name} has no connection "${name}"${didYouMean(name, names)}. ${known}`,
  });
}

function firstListed({ name, objects }: ResolvedConnection): string {
  const [first] = Object.entries(objects).find(([object, { list }]) => object !== ANY_OBJECT && list !== undefined) ?? [];
  if (first !== undefined) return first;
  throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `${name} has no object that can be listed by itself: name one with --object.` });
}

function print(cli: Cli, { subject, isGood, said }: Finding): void {
  const { theme } = cli.out;
  cli.out.print(`${isGood ? theme.good('✓') : theme.warning('!')} ${subject.padEnd(11)} ${clean(said)}`);
}
