import type { Json } from '../../engine/json.ts';
import type { ReadWindow, Source } from '../ports.ts';
import { Deviation } from './kit-row.ts';

const MOST_PAGES = 50;

/** The keys of all records of a list, in its order. @throws Deviation where it does not end */
export async function readKeys(source: Source, window: ReadWindow): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: Json | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await source.readPage({ window, cursor });
    keys.push(...page.records.map(({ key }) => key));
    if (page.next === undefined) return keys;
    cursor = page.next;
  }
  throw new Deviation(`the list did not end after ${MOST_PAGES} pages.`);
}
