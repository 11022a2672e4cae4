import { readFirstRecords } from '../../connectors/read-when-done.ts';
import { accountScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import type { Project } from '../project.ts';

export interface FirstPage {
  readonly records: number;
  readonly hasNext: boolean;
}

/** Reads the first page of an object. @throws SyncError */
export async function readFirst(cli: Cli, project: Project, connection: string, object: string): Promise<FirstPage> {
  const connections = await cli.session.connections();
  const opened = connections.open(accountScope(project.name, project.profile, connection), project.connection(connection));
  const page = await readFirstRecords(opened.source(object), { window: {}, signal: cli.interrupted() });
  return { records: page.records.length, hasNext: page.next !== undefined };
}
