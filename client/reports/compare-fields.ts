import { graphqlPath } from '../../connectors/graphql/graphql-path.ts';
import { checkToldFields } from '../../definition/check-told-fields.ts';
import { type Mistake, sortMistakes } from '../../definition/mistake.ts';
import type { ResolvedConnection, ResolvedSync } from '../../definition/resolved.ts';
import type { ToldFields } from '../../definition/told-fields.ts';
import type { Cli } from '../cli.ts';
import { openNamed } from '../discovering/discover-fields.ts';
import { plural } from '../output/text.ts';
import type { Project } from '../project.ts';
import { attempt, type LiveResult } from './live-result.ts';

export interface ComparedFields {
  readonly mistakes: readonly Mistake[];
  /** What was asked for the fields of each object. */
  readonly results: readonly LiveResult[];
}

/** Compares syncs with the fields that their systems tell; each object is asked for once. */
export async function compareFields(
  cli: Cli,
  project: Project,
  { syncs, read }: { readonly syncs: readonly ResolvedSync[]; readonly read: readonly LiveResult[] },
): Promise<ComparedFields> {
  const pageOf = (of: Named) => read.find((result) => result.connection === of.connection && result.object === of.object);
  const asked = new Map<string, Promise<LiveResult & Pick<ToldFields, 'origin'>>>();
  const ask = (connection: ResolvedConnection, object: string) => {
    const key = `${connection.name} ${object}`;
    const answer = asked.get(key) ?? tell(cli, project, connection, object);
    asked.set(key, answer);
    return answer;
  };
  const told = async ({ connections }: ResolvedSync, of: Named): Promise<ToldFields> => {
    const connection = connections[of.connection];
    const object = connection?.objects[of.object];
    const page = pageOf(of);
    const named = {
      of: `${of.connection} ${of.object}`,
      seen: page?.fields ?? [],
      isOpen: object?.table?.createTable === true || object?.table?.widen === true,
    };
    if (connection === undefined || !tellsFields(connection, of.object)) return { ...named, facts: page?.facts ?? [], origin: 'sample' };
    const { facts = [], origin } = await ask(connection, of.object);
    // What is set with each write needs no mapping.
    return { ...named, facts: facts.filter(({ name }) => name !== object?.table?.syncedAt), origin };
  };
  const found = await Promise.all(
    syncs.map(async (sync) => {
      const file = project.syncFile(sync.ref.sync)?.file;
      return file === undefined ? [] : checkToldFields(file, sync.sync, await told(sync, sync.sync.source), await told(sync, sync.sync.target));
    }),
  );
  return { mistakes: sortMistakes(found.flat()), results: await Promise.all(asked.values()) };
}

interface Named {
  readonly connection: string;
  readonly object: string;
}

/** Whether anything but records tells them. */
function tellsFields({ kind, openapi, objects }: ResolvedConnection, name: string): boolean {
  const object = Object.hasOwn(objects, name) ? objects[name] : undefined;
  if (kind !== undefined) return kind !== 'files';
  return openapi !== undefined || object?.fields !== undefined || (object !== undefined && graphqlPath(object) !== undefined);
}

async function tell(cli: Cli, project: Project, connection: ResolvedConnection, object: string): Promise<LiveResult & Pick<ToldFields, 'origin'>> {
  let origin: ToldFields['origin'] = 'sample';
  const result = await attempt(connection, object, async () => {
    const told = await (await openNamed(cli, project, connection)).discover?.fields(object, cli.interrupted());
    origin = told?.origin ?? origin;
    return { message: `tells ${plural(told?.facts.length ?? 0, 'field')}`, facts: told?.facts ?? [] };
  });
  return { ...result, origin };
}
