import { SyncError } from '../engine/errors.ts';
import { inferFacts } from '../engine/infer-facts.ts';
import type { DiscoveredFields, Page, ReadWindow, Source } from './ports.ts';
import { readFirstRecords } from './read-when-done.ts';

/** Where a list can only be asked for what changed in a time: long enough to meet records, and no API has too many of them for one page. */
const SAMPLED_MS = 365 * 86_400_000;

/** The fields of an object as the records of its first page show them: what no record has is not among them. */
export async function sampledFields(source: Source, signal?: AbortSignal): Promise<DiscoveredFields> {
  const { records } = await firstPage(source, signal);
  return { facts: inferFacts(records.map(({ fields }) => fields)), origin: 'sample' };
}

async function firstPage(source: Source, signal: AbortSignal | undefined): Promise<Page> {
  const read = (window: ReadWindow) => readFirstRecords(source, { window, ...(signal === undefined ? {} : { signal }) });
  try {
    return await read({});
  } catch (error) {
    // The request lacks a value: the beginning of a window is what may be missing.
    if (!(error instanceof SyncError) || error.code !== 'DEFINITION_INVALID') throw error;
    const now = Date.now();
    return read({ from: new Date(now - SAMPLED_MS).toISOString(), to: new Date(now).toISOString() });
  }
}
