import { oneLine } from '../../../definition/write-yaml.ts';
import { SyncError } from '../../../engine/errors.ts';
import type { JsonObject } from '../../../engine/json.ts';
import { Draft } from '../draft.ts';
import { describedBaseUrl } from './base-url.ts';
import { collectionsOf, type LeftOut } from './collections.ts';
import { draftObject } from './draft-object.ts';
import { guessAuth } from './guess-auth.ts';
import { operationsOf } from './operations.ts';
import { textAt } from './parts.ts';

const LONGEST_TITLE = 100;

export interface DescriptionOptions {
  /** Of the connector to be. */
  readonly name: string;
  /** Where the description was read, if by HTTP. */
  readonly source?: string | undefined;
  /** The file of the project that it is, if it is one. */
  readonly kept?: string | undefined;
  /** In the place of what the description says. */
  readonly baseUrl?: string | undefined;
  /** Only these objects; absent: all. */
  readonly objects?: readonly string[] | undefined;
}

export interface DescriptionDraft {
  readonly draft: Draft;
  readonly objects: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * A connector as far as a description of its API tells it.
 * @param description OpenAPI 3.0 or 3.1, or Swagger 2.0, its references resolved
 * @throws SyncError DEFINITION_INVALID where it lists nothing, or does not say where the API is
 */
export function draftDescription(description: JsonObject, options: DescriptionOptions): DescriptionDraft {
  const draft = new Draft();
  const title = textAt(description, 'info', 'title');
  draft.set(['description'], oneLine(title ?? options.name).slice(0, LONGEST_TITLE));
  draft.set(['baseUrl'], options.baseUrl ?? describedBaseUrl(description, options.source) ?? nowhere());
  draft.guess(['auth'], guessAuth(description, options.name));
  if (options.kept !== undefined) draft.set(['openapi'], options.kept);
  const { collections, leftOut } = collectionsOf(operationsOf(description));
  const missing = (options.objects ?? []).filter((name) => !collections.some((collection) => collection.name === name));
  const known = collections.map(({ name }) => name).join(', ') || 'none';
  if (missing.length > 0) throw invalid(`The description has no object ${missing.map((name) => `"${name}"`).join(', ')}. It has: ${known}.`);
  const written: string[] = [];
  const unread: LeftOut[] = [];
  for (const collection of collections) {
    if (options.objects !== undefined && !options.objects.includes(collection.name)) continue;
    const { name, list, parent } = collection;
    const isOrphan = parent !== undefined && !written.includes(parent.name);
    const why = isOrphan ? `it is a list for each of ${parent.name}, which are left out` : draftObject(draft, collection, options.name);
    if (why === undefined) written.push(name);
    else unread.push({ path: list.path, why });
  }
  if (written.length === 0) throw invalid(`The description lists no records that could be read.${reasons([...unread, ...leftOut])}`);
  return { draft, objects: written, leftOut: [...unread, ...leftOut] };
}

function reasons(leftOut: readonly LeftOut[]): string {
  const [first] = leftOut;
  return first === undefined ? ' No GET of it answers with a list of objects.' : ` ${first.path}: ${first.why}.`;
}

function nowhere(): never {
  throw invalid('The description does not say where its API is: pass --base-url https://…');
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
