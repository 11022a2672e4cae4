import { parentsOf } from '../../definition/parents-of.ts';
import type { ConnectorObject, ListEndpoint, ParentsRule } from '../../definition/schema/connector.ts';
import type { HttpClient, HttpObserver } from '../../http/http-client.ts';
import type { Page, Source } from '../ports.ts';
import { compileExport } from './export-pages.ts';
import { insertsFieldNames, type TellFieldNames } from './field-names.ts';
import { type FieldParts, openFieldParts } from './field-parts.ts';
import { compileReadOne } from './read-one.ts';
import { walkCapped } from './walk-capped.ts';
import { walkFields } from './walk-fields.ts';
import { walkInTurn } from './walk-in-turn.ts';
import { compilePages, type PageRead } from './walk-pages.ts';
import { walkParents } from './walk-parents.ts';
import { readWholes } from './whole-windows.ts';

export interface RestSourceOptions {
  readonly client: HttpClient;
  readonly connection: string;
  readonly objectName: string;
  readonly object: ConnectorObject & { readonly list: ListEndpoint };
  /** An object of which each record has a list of its own of these. @throws SyncError DEFINITION_INVALID where there is none that can be listed */
  readonly parentOf: (objectName: string) => ConnectorObject & { readonly list: ListEndpoint };
  /** For templates that insert the names of all fields. */
  readonly tellFieldNames: TellFieldNames;
  readonly observer: HttpObserver;
  /** Told what looks wrong and stops nothing. */
  readonly warn: (message: string) => void;
}

/** Reads an object by its manifest's `list`, `deleted` and `get`. Keeps nothing between pages: what is known of a walk stands in its cursor. */
export function openRestSource(options: RestSourceOptions): Source {
  const partsOf = openFieldParts(options);
  const readList = compileReadList(options, partsOf);
  const readChanges = compileReadChanges(options, partsOf);
  const readPage: Source['readPage'] = readChanges === undefined ? readList : (read) => (read.changes === true ? readChanges(read) : readList(read));
  const readDeleted = compileReadDeleted(options);
  const readOne = compileReadOne(options, partsOf);
  return { readPage, ...(readDeleted === undefined ? {} : { readDeleted }), ...(readOne === undefined ? {} : { readOne }) };
}

function compileReadList(options: RestSourceOptions, partsOf: FieldParts | undefined): (read: PageRead) => Promise<Page> {
  const { connection, objectName, object } = options;
  const { list } = object;
  const { cap } = list;
  const where = `${connection}.${objectName}.list`;
  if (list.export !== undefined) return inWholes(list, compileExport(options, list.export, object, `${where}.export`));
  const readOnce = inWholes(list, compilePages(options, list, object, where));
  const readUncapped = partsOf === undefined ? readOnce : walkFields(partsOf, readOnce, where, options.warn);
  const readPage = cap === undefined ? readUncapped : walkCapped(cap, readUncapped, where);
  const walks = parentsOf(list).map((rule) => walkParents({ list, rule, readParents: compileReadParents(options, rule), readChildren: readPage, where }));
  const [only] = walks;
  return only === undefined ? readPage : walks.length === 1 ? only : walkInTurn(walks);
}

function inWholes({ whole }: Pick<ListEndpoint, 'whole'>, readPage: (read: PageRead) => Promise<Page>): (read: PageRead) => Promise<Page> {
  return whole === undefined ? readPage : readWholes(whole, readPage);
}

function compileReadChanges(options: RestSourceOptions, partsOf: FieldParts | undefined): ((read: PageRead) => Promise<Page>) | undefined {
  const { connection, objectName, object } = options;
  const { changes } = object;
  if (changes === undefined) return undefined;
  const where = `${connection}.${objectName}.changes`;
  const readPage = inWholes(changes, compilePages(options, changes, object, where));
  return partsOf === undefined || !insertsFieldNames(changes) ? readPage : walkFields(partsOf, readPage, where, options.warn);
}

/** Parents may have parents themselves: their walk is read as any list is. */
function compileReadParents(options: RestSourceOptions, { object: objectName }: ParentsRule): (read: PageRead) => Promise<Page> {
  if (objectName === undefined) return async () => ({ records: [{ key: '', fields: {} }], next: undefined, observedAt: Date.now(), bytes: 0 });
  const ofParents = { ...options, objectName, object: options.parentOf(objectName) };
  return compileReadList(ofParents, openFieldParts(ofParents));
}

function compileReadDeleted(options: RestSourceOptions): Source['readDeleted'] | undefined {
  const { connection, objectName, object } = options;
  const { deleted } = object;
  if (deleted === undefined) return undefined;
  const { key = object.primaryKey, ...endpoint } = deleted;
  const readPage = compilePages(options, endpoint, { primaryKey: key }, `${connection}.${objectName}.deleted`);
  return async (read) => {
    const { records, total: _, ...page } = await readPage(read);
    return { ...page, keys: records.map((record) => record.key) };
  };
}
