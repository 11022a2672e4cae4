import type { Source } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';

/** How many records an object has: as it says itself, else page by page. */
export async function countRecords(object: Source, signal: AbortSignal): Promise<number> {
  let cursor: Json | undefined;
  let count = 0;
  do {
    const page = await object.readPage({ window: {}, cursor, signal });
    if (page.total !== undefined) return page.total;
    count += page.records.length;
    cursor = page.next;
  } while (cursor !== undefined);
  return count;
}
