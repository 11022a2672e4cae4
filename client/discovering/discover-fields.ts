import type { DiscoveredFields, OpenConnection } from '../../connectors/ports.ts';
import { sampledFields } from '../../connectors/sampled-fields.ts';
import { objectNamed } from '../../definition/any-object.ts';
import { offers } from '../../definition/offered.ts';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import { accountScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import type { Project } from '../project.ts';

export interface DiscoverOptions {
  /** Also what a page of records shows: examples, and types where nothing else tells them. */
  readonly withSample: boolean;
}

export async function openNamed(cli: Cli, project: Project, connection: ResolvedConnection): Promise<OpenConnection> {
  return (await cli.session.connections()).open(accountScope(project.name, project.profile, connection.name), connection);
}

/** The fields of an object by whatever tells them. @throws SyncError */
export async function discoverFields(
  cli: Cli,
  { opened, connection, object }: { readonly opened: OpenConnection; readonly connection: ResolvedConnection; readonly object: string },
  { withSample }: DiscoverOptions,
): Promise<DiscoveredFields> {
  const sample = () => sampledFields(opened.source(object), cli.interrupted());
  if (opened.discover === undefined) return sample();
  const told = await opened.discover.fields(object, cli.interrupted());
  const described = objectNamed(connection.objects, object);
  if (!withSample || told.origin === 'sample' || described === undefined || !offers(described, 'list')) return told;
  return { ...told, facts: enriched(told.facts, (await sample()).facts) };
}

/** What is told counts; what records show is put beside it. Fields inside of others, which only records show, come behind. */
function enriched(told: readonly FieldFacts[], shown: readonly FieldFacts[]): readonly FieldFacts[] {
  const byName = new Map(shown.map((facts) => [facts.name, facts]));
  const known = new Set(told.map(({ name }) => name));
  return [...told.map((facts) => ({ ...byName.get(facts.name), ...facts })), ...shown.filter(({ name }) => !known.has(name))];
}
