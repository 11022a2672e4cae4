import { createHash } from 'node:crypto';
import type { PageRule } from '../../definition/schema/connector.ts';
import { followCursor } from '../../engine/cursor-guard.ts';
import { SyncError } from '../../engine/errors.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { SourceRecord } from '../ports.ts';
import { brokenContract } from './broken-contract.ts';
import { type PageSeam, readSeam } from './page-seam.ts';

/** Pages with the same records in a row before it is certain that the API does not look at the page parameter; a record may be met again on a next page. */
const MOST_SAME_PAGES = 3;

/** Where a walk through a list is, and what it met so far: JSON, small however long the list, and kept in the ledger, so that a resumed walk still notices that it goes in circles. */
export interface PageCursor {
  /** The cursor, address, key or place of the paging rule. */
  readonly at: Json;
  readonly walk: {
    readonly pages: number;
    readonly records: number;
    /** Hash of the cursor met when the number of pages last doubled. */
    readonly milestone?: string;
    /** Hash of the keys of the last page, and how many pages in a row had it. */
    readonly page?: string;
    readonly same?: number;
    /** What the page before announced in all. */
    readonly total?: number;
    /** The total has become less during the walk. */
    readonly hasShrunk?: boolean;
    /** The list is walked once more, because it has shrunk. */
    readonly isSecond?: boolean;
  };
  /** How this page is to join the one before, where the list is walked by offset. */
  readonly seam?: PageSeam;
  /** Its pages cannot be joined. */
  readonly isLoose?: boolean;
  /** How often the walk began anew. */
  readonly anew?: number;
}

/** @throws SyncError CURSOR_EXPIRED where it is not one of these */
export function readPageCursor(cursor: Json | undefined): PageCursor | undefined {
  if (cursor === undefined) return undefined;
  if (isJsonObject(cursor) && cursor['at'] !== undefined && isJsonObject(cursor['walk'])) {
    const { pages, records, milestone, page, same, total, hasShrunk, isSecond } = cursor['walk'];
    const seam = readSeam(cursor['seam']);
    return {
      at: cursor['at'],
      walk: {
        pages: typeof pages === 'number' ? pages : 0,
        records: typeof records === 'number' ? records : 0,
        ...(typeof milestone === 'string' ? { milestone } : {}),
        ...(typeof page === 'string' ? { page } : {}),
        ...(typeof same === 'number' ? { same } : {}),
        ...(typeof total === 'number' ? { total } : {}),
        ...(hasShrunk === true ? { hasShrunk } : {}),
        ...(isSecond === true ? { isSecond } : {}),
      },
      ...(seam === undefined ? {} : { seam }),
      ...(cursor['isLoose'] === true ? { isLoose: true } : {}),
      ...(typeof cursor['anew'] === 'number' ? { anew: cursor['anew'] } : {}),
    };
  }
  throw new SyncError({
    code: 'CURSOR_EXPIRED',
    retry: 'backoff',
    message: 'The saved place in the list is of another kind than its connector uses now. The list is read again from its start.',
  });
}

/** The page before was perhaps the last: it had fewer records than the first, and nothing told more. */
export function isAfterShort(before: PageCursor | undefined): boolean {
  return before !== undefined && isJsonObject(before.at) && before.at['isAfterShort'] === true;
}

/** Such a last page came once more: so some APIs answer numbers beyond it. */
export function isLastAgain(before: PageCursor | undefined, records: readonly SourceRecord[]): boolean {
  return isAfterShort(before) && before?.walk.page === hashOfKeys(records);
}

/** What a page says of its walk. */
export interface WalkedPage {
  readonly records: readonly SourceRecord[];
  /** Of those, how many the page before had, too. */
  readonly repeated: number;
  readonly total: number | undefined;
}

/**
 * The cursor after a page. The same page always gives the same one.
 * @param at what the paging rule says comes next
 * @throws SyncError CONTRACT_BROKEN where the list goes round in circles
 */
export function afterPage(rule: PageRule, before: PageCursor | undefined, at: Json, page: WalkedPage, where: string): PageCursor {
  const { pages = 0, milestone } = before?.walk ?? {};
  const counted = { pages: pages + 1, records: (before?.walk.records ?? 0) + page.records.length - page.repeated };
  if (rule.type === 'page' || rule.type === 'offset')
    return { ...before, at, walk: { ...counted, ...samePages(rule, before, page.records, where), ...totals(before, page.total) } };
  const hash = hashOf(JSON.stringify(rule.type === 'keyset' && isJsonObject(at) ? (at['at'] ?? null) : at));
  const followed = followCursor({ count: pages, recent: [], ...(milestone === undefined ? {} : { milestone }) }, hash);
  if (followed.isRepeat) throw brokenContract(`${where}: the cursor of page ${counted.pages + 1} came before, so the list would be read for ever.`);
  return { at, walk: { ...counted, ...(followed.trail.milestone === undefined ? {} : { milestone: followed.trail.milestone }) } };
}

/**
 * Where a list that was walked by number is read once more: its total became less on the way, so that later records moved up and one may have been passed by. By offset that is
 * noticed sooner, unless the API takes only some offsets.
 * @returns undefined where there is nothing to be afraid of, and after the second time
 */
export function secondWalk(rule: PageRule, before: PageCursor | undefined, total: number | undefined): PageCursor | undefined {
  const isNumbered = rule.type === 'page' || (rule.type === 'offset' && before?.isLoose === true);
  if (!isNumbered || before === undefined || before.walk.isSecond === true || totals(before, total).hasShrunk !== true) return undefined;
  return { ...before, at: { at: rule.type === 'page' ? rule.start : 0, read: 0 }, walk: { pages: 0, records: 0, isSecond: true } };
}

function totals(before: PageCursor | undefined, total: number | undefined): Pick<PageCursor['walk'], 'total' | 'hasShrunk' | 'isSecond'> {
  const { total: earlier, hasShrunk, isSecond } = before?.walk ?? {};
  const isLess = earlier !== undefined && total !== undefined && total < earlier;
  return {
    ...(total === undefined ? {} : { total }),
    ...(isLess || hasShrunk === true ? { hasShrunk: true } : {}),
    ...(isSecond === true ? { isSecond } : {}),
  };
}

/** A number that the API ignores gives the first page for ever. */
function samePages(
  rule: Extract<PageRule, { type: 'page' | 'offset' }>,
  before: PageCursor | undefined,
  records: readonly SourceRecord[],
  where: string,
): { readonly page?: string; readonly same?: number } {
  if (records.length === 0) return {};
  const page = hashOfKeys(records);
  const same = before?.walk.page === page ? (before.walk.same ?? 1) + 1 : 1;
  if (same < MOST_SAME_PAGES) return { page, same };
  throw brokenContract(`${where}: ${same} pages in a row hold the same records. Is "${rule.param}" the right parameter for the ${rule.type}?`);
}

function hashOfKeys(records: readonly SourceRecord[]): string {
  return hashOf(JSON.stringify(records.map((record) => record.key)));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
