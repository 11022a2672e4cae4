import type { EndpointName } from './check-endpoint.ts';
import { listInsertions } from './list-insertions.ts';
import { parentsOf } from './parents-of.ts';
import type { ConnectorObject } from './schema/connector.ts';

type Described = Pick<ConnectorObject, EndpointName | 'table' | 'query' | 'file' | 'module' | 'orderedBy'>;

const OF_TABLE: readonly EndpointName[] = ['list', 'get', 'search', 'create', 'update', 'upsert', 'delete'];
const OF_QUERY: readonly EndpointName[] = ['list', 'get'];
/** To find one record of a file is to read it: what has gone is known by two complete reads instead. */
const OF_FILE: readonly EndpointName[] = ['list'];

/** Whether an object can be asked for this: by an endpoint of its description, or by what it is (a table, a query, a file, code). */
export function offers(object: Described, endpoint: EndpointName): boolean {
  return object[endpoint] !== undefined || offeredByKind(object).includes(endpoint);
}

/** What an object can be asked for without any endpoint. */
export function offeredByKind({ table, query, file, module }: Pick<Described, 'table' | 'query' | 'file' | 'module'>): readonly EndpointName[] {
  if (module !== undefined) return module.offers;
  if (table !== undefined) return OF_TABLE;
  if (query !== undefined) return OF_QUERY;
  return file === undefined ? [] : OF_FILE;
}

/** Whether it holds rows of a database. */
export function isOfDatabase({ table, query }: Pick<Described, 'table' | 'query'>): boolean {
  return table !== undefined || query !== undefined;
}

/** What a list can be asked for of a window; undefined where that cannot be told. */
export function windowSides(object: Described): { readonly from: boolean; readonly to: boolean } | undefined {
  if (isOfDatabase(object)) return { from: object.orderedBy !== undefined, to: object.orderedBy !== undefined };
  if (object.file !== undefined) return { from: false, to: false };
  if (object.module?.offers.includes('list') === true) return { from: object.module.windows, to: object.module.windows };
  const { list } = object;
  const insertions = list === undefined ? undefined : listInsertions(list);
  if (list === undefined || insertions === undefined) return undefined;
  return { from: insertions.has('window.from') || parentsOf(list).some(({ changed }) => changed), to: insertions.has('window.to') };
}
