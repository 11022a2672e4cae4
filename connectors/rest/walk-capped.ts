import type { ListEndpoint } from '../../definition/schema/connector.ts';
import { justBefore } from '../../engine/cursor-value.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { Page, SourceRecord } from '../ports.ts';
import { brokenContract, evaluateOnAnswer } from './broken-contract.ts';
import { keyText } from './record-reader.ts';
import type { PageRead } from './walk-pages.ts';

/** Where a walk is through a list that shows only so many records of one search. */
interface Place {
  /** Where the search begins: absent, where the window does. */
  readonly from?: string | undefined;
  /** The value of the last record of the search before. */
  readonly last?: string | undefined;
  /** The search has shown records from before that value. */
  readonly isFromEarlier?: boolean | undefined;
  /** Records that the search has shown. */
  readonly shown: number;
  readonly cursor: Json | undefined;
}

/**
 * Goes on with a new search from right before the last record's own value where the API shows no more of one: an API may leave out what is equal to the bound. The records of the same
 * value come twice, and none is passed by.
 * @param where names the endpoint in errors
 * @throws SyncError (rejects) CONTRACT_BROKEN where more records than that share one value
 */
export function walkCapped(
  cap: NonNullable<ListEndpoint['cap']>,
  readPage: (read: PageRead) => Promise<Page>,
  where: string,
): (read: PageRead) => Promise<Page> {
  const by = compileExpression(cap.by);

  const boundAt = async (record: SourceRecord | undefined) => keyText(await evaluateOnAnswer(by, record?.fields, `${where}.cap.by`));

  /** Where the next search begins. */
  const beginningAfter = async (page: Page, { last, isFromEarlier }: Omit<Place, 'cursor'>): Promise<Pick<Place, 'from' | 'last'>> => {
    const value = await boundAt(page.records.at(-1));
    if (value === undefined) throw brokenContract(`${where}: the last record has no "${cap.by}", by which a list of more than ${cap.records} goes on.`);
    if (value !== last) return { from: justBefore(value), last: value };
    // Those of the value before took some of the room.
    if (isFromEarlier === true) return { from: value, last: value };
    throw brokenContract(
      `${where}: more than ${cap.records} records have the same "${cap.by}", and the API shows no more of one search: name a finer one, or use slices.`,
    );
  };

  return async (read) => {
    const { from, last = read.window.from, ...before } = readPlace(read.cursor);
    const window = from === undefined ? read.window : { ...read.window, from };
    const page = await readPage({ ...read, window, cursor: before.cursor });
    const shown = before.shown + page.records.length;
    const isFromEarlier = before.shown === 0 ? from !== undefined && from !== last && (await boundAt(page.records[0])) !== last : before.isFromEarlier;
    const place = { from, last, shown, isFromEarlier };
    if (shown < cap.records) return { ...page, next: page.next === undefined ? undefined : cursorOf({ ...place, cursor: page.next }) };
    const { total: _, ...rest } = page;
    return { ...rest, next: cursorOf({ ...(await beginningAfter(page, place)), shown: 0, cursor: undefined }) };
  };
}

function readPlace(cursor: Json | undefined): Place {
  if (!isJsonObject(cursor) || typeof cursor['shown'] !== 'number') return { shown: 0, cursor };
  const { from, last, isFromEarlier, shown, cursor: inner } = cursor;
  return {
    ...(typeof from === 'string' ? { from } : {}),
    ...(typeof last === 'string' ? { last } : {}),
    ...(isFromEarlier === true ? { isFromEarlier } : {}),
    shown,
    cursor: inner,
  };
}

function cursorOf({ from, last, isFromEarlier, shown, cursor }: Place): Json {
  return {
    ...(from === undefined ? {} : { from }),
    ...(last === undefined ? {} : { last }),
    ...(isFromEarlier === true ? { isFromEarlier } : {}),
    shown,
    ...(cursor === undefined ? {} : { cursor }),
  };
}
