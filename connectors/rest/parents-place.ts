import { SyncError } from '../../engine/errors.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { type ParentRef, readParentRef } from './parent-ref.ts';

/** A list that goes on: of one parent, or of a group of them. */
export interface OpenList {
  readonly parents: readonly ParentRef[];
  readonly cursor: Json;
}

/** Where a walk is, small enough for the ledger. What is known of the parents of the page stands in it, so that a page that shifts meanwhile passes none by. */
export interface ParentsPlace {
  /** The next page of parents, in their own walk: undefined after the last, null before the first. */
  readonly parents: Json | undefined;
  /** Parents whose lists were not begun. */
  readonly pending: readonly ParentRef[];
  readonly open: readonly OpenList[];
}

const BEGINNING: ParentsPlace = { parents: null, pending: [], open: [] };

/** @throws SyncError CURSOR_EXPIRED where it is not one of these */
export function readPlace(cursor: Json | undefined): ParentsPlace {
  if (cursor === undefined) return BEGINNING;
  if (!isJsonObject(cursor)) throw otherKind();
  const { parents, pending, open } = cursor;
  if (!isJsonArray(pending) || !isJsonArray(open)) throw otherKind();
  return { parents, pending: pending.map(refOf), open: open.map(readOpen) };
}

/** Undefined after the last. */
export function cursorOf({ parents, pending, open }: ParentsPlace): Json | undefined {
  if (parents === undefined && pending.length === 0 && open.length === 0) return undefined;
  return {
    ...(parents === undefined ? {} : { parents }),
    pending: pending.map((parent) => ({ ...parent })),
    open: open.map((list) => ({ ...named(list.parents), cursor: list.cursor })),
  };
}

function named(parents: readonly ParentRef[]): { readonly [key: string]: Json } {
  const [only] = parents;
  return parents.length === 1 && only !== undefined ? { parent: { ...only } } : { group: parents.map((parent) => ({ ...parent })) };
}

function readOpen(value: Json): OpenList {
  if (!isJsonObject(value) || value['cursor'] === undefined) throw otherKind();
  const { parent, group, cursor } = value;
  return { parents: isJsonArray(group) ? group.map(refOf) : [refOf(parent)], cursor };
}

function refOf(value: Json | undefined): ParentRef {
  const parent = readParentRef(value);
  if (parent === undefined) throw otherKind();
  return parent;
}

/** What a place of another kind comes to: the list is read again. */
export function otherKind(): SyncError {
  const message = 'The saved place in the list is of another kind than its connector uses now. The list is read again from its start.';
  return new SyncError({ code: 'CURSOR_EXPIRED', retry: 'backoff', message });
}
