import type { ListEndpoint } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { Page } from '../ports.ts';
import { brokenContract, evaluateOnAnswer } from './broken-contract.ts';
import { keyText } from './record-reader.ts';
import type { PageRead } from './walk-pages.ts';

/** Where a walk is through a list that shows only so many records of one search. */
interface Place {
  /** Where the search begins: absent, where the window does. */
  readonly from?: string;
  /** Records that the search has shown. */
  readonly shown: number;
  readonly cursor: Json | undefined;
}

/**
 * Goes on with a new search from the last record's own value where the API shows no more of one: the records of the same value come twice, and none is passed by.
 * @param where names the endpoint in errors
 * @throws SyncError (rejects) CONTRACT_BROKEN where more records than that share one value
 */
export function walkCapped(
  cap: NonNullable<ListEndpoint['cap']>,
  readPage: (read: PageRead) => Promise<Page>,
  where: string,
): (read: PageRead) => Promise<Page> {
  const by = compileExpression(cap.by);

  /** Where the next search begins. */
  const beginningAfter = async (page: Page, before: string | undefined): Promise<string> => {
    const value = keyText(await evaluateOnAnswer(by, page.records.at(-1)?.fields, `${where}.cap.by`));
    if (value === undefined) throw brokenContract(`${where}: the last record has no "${cap.by}", by which a list of more than ${cap.records} goes on.`);
    if (value !== before) return value;
    throw brokenContract(
      `${where}: more than ${cap.records} records have the same "${cap.by}", and the API shows no more of one search: name a finer one, or use slices.`,
    );
  };

  return async (read) => {
    const place = readPlace(read.cursor);
    const window = place.from === undefined ? read.window : { ...read.window, from: place.from };
    const page = await readPage({ ...read, window, cursor: place.cursor });
    const shown = place.shown + page.records.length;
    if (shown < cap.records) return { ...page, next: page.next === undefined ? undefined : cursorOf({ ...place, shown, cursor: page.next }) };
    const { total: _, ...rest } = page;
    return { ...rest, next: cursorOf({ from: await beginningAfter(page, place.from ?? read.window.from), shown: 0, cursor: undefined }) };
  };
}

function readPlace(cursor: Json | undefined): Place {
  if (!isJsonObject(cursor) || typeof cursor['shown'] !== 'number') return { shown: 0, cursor };
  const { from, shown, cursor: inner } = cursor;
  return { ...(typeof from === 'string' ? { from } : {}), shown, cursor: inner };
}

function cursorOf({ from, shown, cursor }: Place): Json {
  return { ...(from === undefined ? {} : { from }), shown, ...(cursor === undefined ? {} : { cursor }) };
}
