import { ANY_OBJECT } from '../../definition/any-object.ts';
import { readsWindow } from '../../definition/reads-window.ts';
import type { Connector, ConnectorObject, ListEndpoint, WriteEndpoint } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { idempotencyKeyOf } from '../rest/write-request.ts';

/** What can be done with an object, in the order of docs/connectors.md. */
export const CELL_OPERATIONS = ['read', 'incremental', 'deleted', 'get', 'search', ...CHANGE_KINDS, 'bulk', 'discover'] as const;
/** What stands for any object that the API may have. */
export const OF_ANY = 'Anything';
export type CellOperation = (typeof CELL_OPERATIONS)[number];

export interface ConnectorCell {
  readonly object: string;
  readonly operation: CellOperation;
  /** How, in a few words. */
  readonly words: string;
}

/** Whatever a connection describes there. */
const OF_KIND = {
  table: {
    read: 'by key',
    incremental: 'by a column',
    get: 'yes',
    search: 'yes',
    create: '1000 a statement',
    update: '1000',
    upsert: '1000',
    delete: '1000',
    discover: 'the catalogue',
  },
  file: { read: 'line by line', discover: 'the file' },
} as const;

/** All that a connector can do, object by object: what is shown of it, and what the kit has to try. */
export function cellsOf({ kind, objects, openapi }: Connector): readonly ConnectorCell[] {
  if (kind === 'sqlite' || kind === 'postgres') return ofKind('table', OF_KIND.table);
  if (kind === 'files') return ofKind('file', OF_KIND.file);
  return Object.entries(objects).flatMap(([object, described]) =>
    CELL_OPERATIONS.flatMap((operation) => {
      const words = wordsFor(operation, described, openapi !== undefined);
      return words === undefined ? [] : [{ object: object === ANY_OBJECT ? OF_ANY : object, operation, words }];
    }),
  );
}

function ofKind(object: string, cells: Readonly<Partial<Record<CellOperation, string>>>): readonly ConnectorCell[] {
  return CELL_OPERATIONS.flatMap((operation) => {
    const words = cells[operation];
    return words === undefined ? [] : [{ object, operation, words }];
  });
}

function wordsFor(operation: CellOperation, object: ConnectorObject, isDescribed: boolean): string | undefined {
  const { list, deleted, get, search, fields, knownFields } = object;
  switch (operation) {
    case 'read':
      return list === undefined ? undefined : pagingWords(list);
    case 'incremental':
      if (object.changes !== undefined) return 'changes';
      return list !== undefined && readsWindow(object) ? 'window' : undefined;
    case 'deleted':
      return deleted === undefined ? undefined : pagingWords(deleted);
    case 'get':
      return get === undefined ? undefined : 'yes';
    case 'search':
      return search === undefined ? undefined : `${search.max} at once${search.indexingDelay === '0s' ? '' : `, lags ${search.indexingDelay}`}`;
    case 'bulk':
      return bulkWords(object);
    case 'discover':
      if (fields !== undefined) return 'the API';
      if (isDescribed) return 'OpenAPI';
      if (list?.graphql !== undefined) return 'introspection';
      return knownFields !== undefined ? 'the connector' : list === undefined ? undefined : 'a page';
    default: {
      const write = object[operation];
      return write === undefined ? undefined : writeWords(write);
    }
  }
}

/** Jobs: what is read and written by them. */
function bulkWords(object: ConnectorObject): string | undefined {
  const kinds = CHANGE_KINDS.filter((kind) => object[kind]?.bulk !== undefined);
  const most = Math.max(0, ...kinds.map((kind) => object[kind]?.bulk?.max ?? 0));
  const words = [...(object.list?.export === undefined ? [] : ['read']), ...kinds];
  return words.length === 0 ? undefined : `${words.join(', ')}${most === 0 ? '' : `: ${most}`}`;
}

function pagingWords({ page, export: exported }: Pick<ListEndpoint, 'page'> & { readonly export?: unknown }): string {
  if (exported !== undefined) return 'export';
  if (page.type === 'none') return 'one answer';
  const size = 'size' in page ? page.size : undefined;
  return typeof size === 'object' && 'max' in size ? `${page.type}, ${size.max}` : page.type;
}

function writeWords(endpoint: WriteEndpoint): string {
  const { max } = endpoint;
  const key = idempotencyKeyOf(endpoint);
  return `${max === 1 ? 'single' : `${max}`}${key === undefined ? '' : `, key ${key.ttl}`}`;
}
