import type { ListEndpoint } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { Page } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { compileParentRef, type ParentRef, readParentRef } from './parent-ref.ts';
import type { PageRead } from './walk-pages.ts';

export interface ParentsWalkOptions {
  readonly list: ListEndpoint & { readonly parents: NonNullable<ListEndpoint['parents']> };
  readonly readParents: (read: PageRead) => Promise<Page>;
  readonly readChildren: (read: PageRead) => Promise<Page>;
  /** Names the endpoint in errors. */
  readonly where: string;
}

/** Where a walk is, small enough for the ledger. What is known of the parents of the page stands in it, so that a page that shifts meanwhile passes none by. */
interface Place {
  /** The next page of parents: undefined after the last, null before the first. */
  readonly parents: Json | undefined;
  /** Parents whose lists were not begun. */
  readonly pending: readonly ParentRef[];
  /** Parents whose lists go on. */
  readonly open: readonly { readonly parent: ParentRef; readonly cursor: Json }[];
}

const BEGINNING: Place = { parents: null, pending: [], open: [] };

/** Reads the lists of all parents, several side by side: a page is the next page of each of those that are open. The same cursor gives the same lists again. */
export function walkParents({ list, readParents, readChildren, where }: ParentsWalkOptions): (read: PageRead) => Promise<Page> {
  const refOf = compileParentRef(list);
  const addedOf = compileAdded(list, where);
  const { parallel, changed } = list.parents;

  /** Parents to go on with; where a page of them has none, the next is looked at. */
  const withPending = async (place: Place, { window, signal }: PageRead): Promise<{ readonly place: Place; readonly looked: readonly Page[] }> => {
    let { parents, pending } = place;
    const looked: Page[] = [];
    while (pending.length + place.open.length === 0 && parents !== undefined) {
      const cursor = parents === null ? undefined : parents;
      const page = await readParents({ window: changed ? window : {}, cursor, ...(signal === undefined ? {} : { signal }) });
      looked.push(page);
      parents = page.next;
      pending = page.records.map(refOf);
    }
    return { place: { parents, pending, open: place.open }, looked };
  };

  return async (reading) => {
    const { place, looked } = await withPending(readPlace(reading.cursor), reading);
    const turns = [...place.open, ...place.pending.map((parent) => ({ parent, cursor: undefined }))].slice(0, parallel);
    const { validators: _, ...asked } = reading;
    const pages = await Promise.all(
      turns.map(async ({ parent, cursor }) => ({
        parent,
        page: await readChildren({ ...asked, cursor, parent: { fields: parent.fields, added: await addedOf(parent) } }),
      })),
    );
    const next: Place = {
      parents: place.parents,
      pending: place.pending.slice(Math.max(0, turns.length - place.open.length)),
      open: [...pages.flatMap(({ parent, page }) => (page.next === undefined ? [] : [{ parent, cursor: page.next }])), ...place.open.slice(turns.length)],
    };
    const read = pages.map(({ page }) => page);
    return { ...asOne([...looked, ...read]), records: read.flatMap(({ records }) => records), next: cursorOf(next) };
  };
}

/** Pages that were read side by side: what is known from the first of them on is known of all. */
function asOne(pages: readonly Page[]): Omit<Page, 'records' | 'next'> {
  const times = pages.flatMap(({ serverTime }) => serverTime ?? []);
  const unreadable = pages.flatMap((page) => page.unreadable ?? []);
  return {
    observedAt: Math.min(...pages.map(({ observedAt }) => observedAt)),
    bytes: pages.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(times.length === 0 ? {} : { serverTime: Math.min(...times) }),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

function compileAdded({ parents }: ParentsWalkOptions['list'], where: string): (parent: ParentRef) => Promise<JsonObject> {
  const added = Object.entries(parents.add ?? {}).map(([name, source]) => ({ name, expression: compileExpression(source) }));
  return async ({ fields }) => {
    const more: Record<string, Json> = {};
    for (const { name, expression } of added) more[name] = (await evaluateOnAnswer(expression, fields, `${where}.parents.add.${name}`)) ?? null;
    return more;
  };
}

/** @throws SyncError CURSOR_EXPIRED where it is not one of these */
function readPlace(cursor: Json | undefined): Place {
  if (cursor === undefined) return BEGINNING;
  if (!isJsonObject(cursor)) throw otherKind();
  const { parents, pending, open } = cursor;
  if (!isJsonArray(pending) || !isJsonArray(open)) throw otherKind();
  return {
    parents,
    pending: pending.map((value) => readParentRef(value) ?? fail()),
    open: open.map((value) => {
      const parent = isJsonObject(value) ? readParentRef(value['parent']) : undefined;
      const at = isJsonObject(value) ? value['cursor'] : undefined;
      return parent === undefined || at === undefined ? fail() : { parent, cursor: at };
    }),
  };
}

function cursorOf({ parents, pending, open }: Place): Json | undefined {
  if (parents === undefined && pending.length === 0 && open.length === 0) return undefined;
  return {
    ...(parents === undefined ? {} : { parents }),
    pending: pending.map((parent) => ({ ...parent })),
    open: open.map(({ parent, cursor }) => ({ parent: { ...parent }, cursor })),
  };
}

function fail(): never {
  throw otherKind();
}

function otherKind(): SyncError {
  const message = 'The saved place in the list is of another kind than its connector uses now. The list is read again from its start.';
  return new SyncError({ code: 'CURSOR_EXPIRED', retry: 'backoff', message });
}
