import type { PageRule } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { nextCursor, type PageFacts } from '../../http/paging.ts';
import type { SourceRecord } from '../ports.ts';
import { begunAnew, furtherDown, furtherUp, loosened, offsetOf, overlapping } from './offset-walk.ts';
import { afterPage, isLastAgain, type PageCursor, secondWalk } from './page-cursor.ts';
import { joinPage } from './page-seam.ts';
import { sharedPlace } from './shared-key.ts';

export interface ListPage {
  readonly records: readonly SourceRecord[];
  readonly facts: PageFacts;
  /** Pages go on after a key that records may share. */
  readonly isKeyShared?: boolean;
}

/** Where a page leads: to its records and the next place, or to be asked for again at another place. */
export type Step =
  | { readonly step: 'on'; readonly records: readonly SourceRecord[]; readonly next: PageCursor | undefined }
  | { readonly step: 'again'; readonly at: PageCursor };

/**
 * One step through a list, by its paging rule, that passes nothing by where the list shifts meanwhile.
 * @param where names the endpoint in errors
 * @throws SyncError CONTRACT_BROKEN
 */
export function walkOn(rule: PageRule, before: PageCursor | undefined, page: ListPage, where: string, warn: (message: string) => void): Step {
  if (isLastAgain(before, page.records)) return { step: 'on', records: [], next: undefined };
  if (before?.seam === undefined) return onward(rule, before, page, page.records, where, warn);
  const joint = joinPage(before.seam, page.records);
  switch (joint.joint) {
    case 'rounded':
      return { step: 'again', at: loosened(before) };
    case 'gap': {
      if (offsetOf(before) > 0) return { step: 'on', records: page.records, next: furtherUp(before) };
      const anew = begunAnew(before);
      if (anew.isLoose === true) warn(`${where} keeps no order from one page to the next: what goes from it while it is read may hide other records.`);
      return onward(rule, anew, page, page.records, where, warn);
    }
    case 'joined': {
      const { repeated, fresh } = joint;
      // Further up, or where records came before it, the page before may have ended where this one ends: that is not the end of the list.
      const isAbove = before.seam.steps > 0 || page.records.length > before.seam.overlap;
      if (isAbove && repeated === page.records.length) return { step: 'on', records: fresh, next: furtherDown(before, page.records) };
      return onward(rule, before, { ...page, facts: { ...page.facts, repeated } }, fresh, where, warn);
    }
  }
}

function onward(
  rule: PageRule,
  before: PageCursor | undefined,
  page: ListPage,
  fresh: readonly SourceRecord[],
  where: string,
  warn: (message: string) => void,
): Step {
  const { records, facts } = page;
  const { total, repeated = 0 } = facts;
  const told = atPlace(where, () => nextCursor(rule, before?.at, facts));
  const shared = told === undefined || page.isKeyShared !== true ? undefined : sharedPlace(rule, before, told, facts);
  if (shared?.place === 'hidden')
    warn(`${where}: a page is full of records with one key, and others that share it cannot be reached: page by a key of its own.`);
  const at = shared === undefined ? told : shared.place === 'end' ? undefined : shared.at;
  if (at !== undefined) {
    const next = afterPage(rule, before, at, { records, repeated, total }, where);
    return { step: 'on', records: fresh, next: rule.type === 'offset' ? overlapping(next, records) : next };
  }
  const next = secondWalk(rule, before, total);
  const read = (before?.walk.records ?? 0) + records.length - repeated;
  if (next === undefined && total !== undefined && read < total) {
    warn(`${where} ended after fewer records than the ${total} it announced: check where the page rule looks for the next page.`);
  }
  return { step: 'on', records: fresh, next };
}

/** The paging rules know no endpoint by name; whoever reads their message wants it. */
function atPlace<Result>(where: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'CONTRACT_BROKEN') throw error;
    throw new SyncError({ code: error.code, retry: error.retry, message: `${where}: ${error.message}`, details: error.details, cause: error });
  }
}
