import { isAbsolute, relative, sep } from 'node:path';
import type { Cli } from '../cli.ts';
import type { ConnectorDraft } from './new-connector.ts';
import type { DraftedConnector } from './tell-connector.ts';

export interface DescribedApi {
  readonly name: string;
  /** A file, or an address. */
  readonly place: string;
  readonly objects: readonly string[] | undefined;
  readonly baseUrl: string | undefined;
}

/** @throws SyncError where the description cannot be read, or lists nothing */
export async function draftFromDescription(cli: Cli, api: DescribedApi): Promise<ConnectorDraft & Pick<DraftedConnector, 'objects' | 'leftOut'>> {
  // Loaded here: its parser takes a moment that other commands do not have.
  const { readDescription } = await import('../../connectors/draft/openapi/read-description.ts');
  const { draftDescription } = await import('../../connectors/draft/openapi/draft-description.ts');
  const isAddress = /^https?:\/\//i.test(api.place);
  const description = await readDescription(isAddress ? { url: api.place, signal: cli.interrupted() } : { file: cli.file(api.place) });
  const source = isAddress ? api.place : undefined;
  const kept = isAddress ? undefined : inProject(cli, api.place);
  const options = { name: api.name, source, kept, baseUrl: api.baseUrl, objects: api.objects };
  const { draft, objects, leftOut } = draftDescription(description, options);
  return { name: api.name, origin: isAddress ? withoutQuery(api.place) : api.place, entries: draft.entries, objects, leftOut };
}

/** A description that is kept with the project, from its folder: it tells the fields of objects from now on. */
function inProject(cli: Cli, place: string): string | undefined {
  const path = relative(cli.session.directory, cli.file(place));
  return path.startsWith('..') || isAbsolute(path) ? undefined : path.split(sep).join('/');
}

/** What stands in a query may be a key. */
function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}
