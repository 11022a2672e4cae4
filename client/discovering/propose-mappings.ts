import type { Loaded } from '../../definition/parse-definition.ts';
import type { Sync } from '../../definition/schema/sync.ts';
import { automap, type Proposal } from '../../engine/automap/automap.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import type { Cli } from '../cli.ts';
import type { Project } from '../project.ts';
import { discoverFields, openNamed } from './discover-fields.ts';
import { findConnection } from './find-connection.ts';

export interface ProposedMappings {
  readonly proposals: readonly Proposal[];
  readonly source: readonly FieldFacts[];
  readonly target: readonly FieldFacts[];
  /** Target fields that the sync maps by now. */
  readonly mapped: readonly string[];
  /** Target fields that a new record needs, and that nothing gives a value. */
  readonly needed: readonly string[];
}

/** Asks both systems for their fields, and the source for a page of records; proposes for what the sync does not map yet. */
export async function proposeMappings(cli: Cli, project: Project, { value: sync }: Loaded<Sync>, least: number | undefined): Promise<ProposedMappings> {
  const fieldsOf = async ({ connection: name, object }: { readonly connection: string; readonly object: string }, withSample: boolean) => {
    const connection = findConnection(project, name, [object]);
    const opened = await openNamed(cli, project, connection);
    const { facts } = await discoverFields(cli, { opened, connection, object }, { withSample });
    // What is set with each write needs no mapping.
    return facts.filter((one) => one.name !== connection.objects[object]?.table?.syncedAt);
  };
  const [source, target] = await Promise.all([fieldsOf(sync.source, true), fieldsOf(sync.target, false)]);
  const mapped = Object.keys(sync.mapping).filter((field) => field !== '');
  const taken = Object.values(sync.mapping).flatMap((rule) => (typeof rule === 'string' ? rule : (rule.from ?? [])));
  const proposals = automap(source, target, { mapped: { targets: mapped, sources: taken }, ...(least === undefined ? {} : { least }) });
  const given = new Set([...mapped, ...proposals.map((proposal) => proposal.target)]);
  const needed = target.flatMap(({ name, isRequired = false, isReadOnly = false }) => (isRequired && !isReadOnly && !given.has(name) ? [name] : []));
  return { proposals, source, target, mapped, needed };
}
