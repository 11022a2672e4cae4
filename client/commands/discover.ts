import { z } from 'zod';
import { objectNamed } from '../../definition/any-object.ts';
import { offers } from '../../definition/offered.ts';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import type { Cli } from '../cli.ts';
import { defineCommand } from '../command.ts';
import { discoverFields, openNamed } from '../discovering/discover-fields.ts';
import { findConnection } from '../discovering/find-connection.ts';
import { ORIGINS, renderFields } from '../discovering/render-fields.ts';
import { sensitiveFields } from '../discovering/sensitive-fields.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import type { Project } from '../project.ts';

const READS = ['list', 'get', 'search', 'deleted'] as const;
const WRITES = [...CHANGE_KINDS];

export const discoverCommand = defineCommand({
  name: 'discover',
  group: 'Define',
  summary: 'The objects of a connection, or the fields of one: types, what is required or read-only, values',
  arguments: [
    ['<connection>', 'name of the connection'],
    ['[object]', 'one of its objects; or a table that it does not describe'],
  ],
  options: [['--examples', 'also a few values of records: they may be of people']],
  examples: ['syncline discover hubspot', 'syncline discover hubspot contacts', 'syncline discover crm contacts --examples'],
  input: z.object({ connection: z.string(), object: z.string().optional(), examples: z.boolean().default(false) }),
  run: async (cli, { connection: name, object, examples }) => {
    const project = await cli.session.project();
    const connection = findConnection(project, name, object === undefined ? usedObjects(project, name) : [object]);
    return object === undefined ? listObjects(cli, project, connection) : listFields(cli, project, { connection, object, hasExamples: examples });
  },
});

/** Of a connector that knows any object by its name, those that syncs read or write. */
function usedObjects(project: Project, connection: string): readonly string[] {
  return project.syncNames.flatMap((name) => {
    const sync = project.syncFile(name)?.value;
    return sync === undefined ? [] : [sync.source, sync.target].flatMap((part) => (part.connection === connection ? [part.object] : []));
  });
}

async function listObjects(cli: Cli, project: Project, connection: ResolvedConnection): Promise<ExitCode> {
  const opened = await openNamed(cli, project, connection);
  const names = (await opened.discover?.objects(cli.interrupted())) ?? Object.keys(connection.objects);
  const objects = names.map((name) => {
    const object = objectNamed(connection.objects, name);
    const can = <Endpoint extends (typeof READS)[number] | (typeof WRITES)[number]>(kinds: readonly Endpoint[]) =>
      object === undefined ? [] : kinds.filter((kind) => offers(object, kind));
    return { name, isDescribed: object !== undefined, reads: can(READS), writes: can(WRITES) };
  });
  cli.out.document({ connection: connection.name, objects });
  const { theme } = cli.out;
  const rows = objects.map(({ name, isDescribed, reads, writes }) => [
    theme.strong(clean(name)),
    isDescribed ? reads.join(', ') || 'no' : theme.faint('not described yet'),
    isDescribed ? writes.join(', ') || 'no' : '',
  ]);
  if (rows.length === 0) cli.out.print(`${connection.name} has no objects: describe them in connections/${connection.name}.yaml.`);
  else cli.out.print(renderTable([{ title: 'object' }, { title: 'read' }, { title: 'write' }], rows, theme));
  return EXIT.done;
}

async function listFields(
  cli: Cli,
  project: Project,
  { connection, object, hasExamples }: { readonly connection: ResolvedConnection; readonly object: string; readonly hasExamples: boolean },
): Promise<ExitCode> {
  const opened = await openNamed(cli, project, connection);
  const { facts, origin } = await discoverFields(cli, { opened, connection, object }, { withSample: hasExamples });
  const isHidden = sensitiveFields(project, connection.name, object);
  const fields = facts.map(({ examples, ...others }) => {
    if (!hasExamples || examples === undefined) return others;
    return isHidden(others.name) ? { ...others, isSensitive: true } : { ...others, examples };
  });
  cli.out.document({ connection: connection.name, object, origin, fields });
  if (facts.length > 0) cli.out.print(renderFields(facts, { theme: cli.out.theme, hasExamples, isHidden }));
  cli.out.note(`\n${plural(facts.length, 'field')}, ${ORIGINS[origin]}`);
  return EXIT.done;
}
