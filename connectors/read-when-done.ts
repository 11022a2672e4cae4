import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../engine/errors.ts';
import type { Page, Source } from './ports.ts';

type Request = Parameters<Source['readPage']>[0];

/** Pages without a record that may come before the first with some: that of an export has none. */
const MOST_EMPTY = 3;

/** Reads a page, and waits here for an export that is not done: for who keeps no cursor, and could not go on with it. Throws as `readPage` otherwise. */
export async function readWhenDone(source: Pick<Source, 'readPage'>, request: Request): Promise<Page> {
  for (;;) {
    try {
      return await source.readPage(request);
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'JOB_RUNNING' || typeof error.retry !== 'object') throw error;
      await sleep(error.retry.afterMs, undefined, request.signal === undefined ? {} : { signal: request.signal });
    }
  }
}

/** The first page that shows what the records are like. */
export async function readFirstRecords(source: Pick<Source, 'readPage'>, request: Omit<Request, 'cursor'>): Promise<Page> {
  let page = await readWhenDone(source, { ...request, cursor: undefined });
  for (let empty = 0; empty < MOST_EMPTY && page.records.length === 0 && page.next !== undefined; empty++)
    page = await readWhenDone(source, { ...request, cursor: page.next });
  return page;
}
