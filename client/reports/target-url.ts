import type { Cli } from '../cli.ts';

/** The link of a record in the target, for people; undefined where the connector knows none, or the definition cannot be used now. */
export async function targetUrl(cli: Cli, sync: string, targetId: string | undefined): Promise<string | undefined> {
  if (targetId === undefined) return undefined;
  const project = await cli.session.project();
  const definition = project.find(sync);
  const connection = definition?.connections[definition.sync.target.connection];
  if (definition === undefined || connection === undefined) return undefined;
  if (connection.objects[definition.sync.target.object]?.webUrl === undefined) return undefined;
  try {
    const opened = (await cli.session.connections()).open(`${project.name}/${project.profile}/${connection.name}`, connection);
    return opened.target(definition.sync.target.object, definition.sync.target.matchOn).webUrl(targetId);
  } catch {
    // A link is a kindness: a secret that is missing here must not stop a report.
    return undefined;
  }
}
