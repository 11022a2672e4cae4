import type { ListEndpoint, ParentsRule } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { Page, SourceRecord } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { compileParentRef, type ParentRef, withValues } from './parent-ref.ts';
import { cursorOf, type OpenList, type ParentsPlace, readPlace } from './parents-place.ts';
import type { PageRead } from './walk-pages.ts';

export interface ParentsWalkOptions {
  readonly list: ListEndpoint;
  readonly rule: ParentsRule;
  readonly readParents: (read: PageRead) => Promise<Page>;
  readonly readChildren: (read: PageRead) => Promise<Page>;
  /** Names the endpoint in errors. */
  readonly where: string;
}

type Turn = Pick<OpenList, 'parents'> & { readonly cursor: Json | undefined };

/** What was found of parents: where the walk goes on, the pages that were looked at, and pages of records that lay within them. */
interface Found {
  readonly place: ParentsPlace;
  readonly looked: readonly Page[];
  readonly within: readonly Page[];
}

/** Reads the lists of all parents, several side by side: a page is the next page of each of those that are open. The same cursor gives the same lists again. */
export function walkParents({ list, rule, readParents, readChildren, where }: ParentsWalkOptions): (read: PageRead) => Promise<Page> {
  const refOf = compileParentRef(list, rule);
  const addedOf = compileAdded(rule, where);
  const within = rule.within === undefined ? undefined : compileExpression(rule.within);
  const { parallel, changed, values, group = 1, object } = rule;

  const readList = async ({ validators: _, ...asked }: PageRead, { parents, cursor }: Turn, given?: PageRead['given']): Promise<Page> => {
    const [first] = parents;
    const inserted = rule.group === undefined ? { parent: first?.fields ?? {} } : { parents: parents.map(({ fields }) => fields) };
    const parent = { inserted: { ...inserted, parentObject: object }, added: first === undefined ? {} : await addedOf(first) };
    return readChildren({ ...asked, cursor, parent, ...(given === undefined ? {} : { given }) });
  };

  /** Of parents that hold the first page of their list, that page; of the others, who they are. */
  const lookWithin = async (
    parents: readonly SourceRecord[],
    { observedAt }: Page,
    reading: PageRead,
  ): Promise<Pick<Found, 'within'> & Pick<ParentsPlace, 'pending' | 'open'>> => {
    const [pages, pending, open]: [Page[], ParentRef[], OpenList[]] = [[], [], []];
    for (const record of parents) {
      const ref = refOf(record);
      const body = await evaluateOnAnswer(within, record.fields, `${where}.parents.within`);
      if (body === undefined || body === null) {
        if (within === undefined || hasRequest(list)) pending.push(ref);
        continue;
      }
      const page = await readList(reading, { parents: [ref], cursor: undefined }, { body, observedAt });
      pages.push(page);
      if (page.next !== undefined) open.push({ parents: [ref], cursor: page.next });
    }
    return { within: pages, pending, open };
  };

  /** Parents to go on with; where a page of them has none, the next is looked at. */
  const withPending = async (beginning: ParentsPlace, reading: PageRead): Promise<Found> => {
    const { window, signal } = reading;
    let place = beginning;
    let inner: readonly Page[] = [];
    const looked: Page[] = [];
    while (place.pending.length + place.open.length + inner.length === 0 && place.parents !== undefined) {
      const cursor = place.parents === null ? undefined : place.parents;
      const page = await readParents({ window: changed ? window : {}, cursor, ...(signal === undefined ? {} : { signal }) });
      looked.push(page);
      const found = await lookWithin(withValues(page.records, values), page, reading);
      inner = found.within;
      place = { parents: page.next, pending: found.pending, open: found.open };
    }
    return { place, looked, within: inner };
  };

  return async (reading) => {
    const { place, looked, within: inner } = await withPending(readPlace(reading.cursor), reading);
    const turns = turnsOf(place, parallel, group);
    const pages = await Promise.all(turns.map(async (turn) => ({ turn, page: await readList(reading, turn) })));
    const begun = turns.flatMap(({ cursor, parents }) => (cursor === undefined ? parents : []));
    const next: ParentsPlace = {
      parents: place.parents,
      pending: place.pending.slice(begun.length),
      open: [
        ...pages.flatMap(({ turn, page }) => (page.next === undefined ? [] : [{ parents: turn.parents, cursor: page.next }])),
        ...place.open.slice(turns.length),
      ],
    };
    const read = [...inner, ...pages.map(({ page }) => page)];
    return { ...asOne([...looked, ...read]), records: read.flatMap(({ records }) => records), next: cursorOf(next) };
  };
}

/** Whose lists are read now: first those that are open, then the next that are pending, so many in one request as a group has. */
function turnsOf({ open, pending }: ParentsPlace, parallel: number, group: number): readonly Turn[] {
  const turns: Turn[] = open.slice(0, parallel);
  for (let at = 0; at < pending.length && turns.length < parallel; at += group) turns.push({ parents: pending.slice(at, at + group), cursor: undefined });
  return turns;
}

/** Some lists lie within their parents alone. */
function hasRequest({ get, post, put, patch, delete: remove, graphql }: ListEndpoint): boolean {
  return [get, post, put, patch, remove, graphql].some((request) => request !== undefined);
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

function compileAdded({ add = {} }: ParentsRule, where: string): (parent: ParentRef) => Promise<JsonObject> {
  const added = Object.entries(add).map(([name, source]) => ({ name, expression: compileExpression(source) }));
  return async ({ fields }) => {
    const more: Record<string, Json> = {};
    for (const { name, expression } of added) more[name] = (await evaluateOnAnswer(expression, fields, `${where}.parents.add.${name}`)) ?? null;
    return more;
  };
}
