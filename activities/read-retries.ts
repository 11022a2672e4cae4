import type { Source } from '../connectors/ports.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { askByKey } from './ask-by-key.ts';
import type { ReadPage } from './read-page.ts';

/** Records of one page where they are fetched one by one, and where the ledger has them all. */
const FETCHED_PAGE = 20;
const KEPT_PAGE = 500;

/** Which of the refused and held records: see `RecordStore.listRejected`. */
export interface RetriesQuery {
  readonly scope: string;
  readonly afterKey: string;
  readonly keys?: readonly string[] | undefined;
  /** Only what waits for references that are there by now. */
  readonly references?: boolean | undefined;
  readonly due?: { readonly at: number; readonly mappingHash: string };
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * One page of records that earlier runs refused or held: as they are at the source now where it can be asked for one, else as last read.
 * @returns `lastKey`: read on after it; undefined where there are no more
 */
export async function readRetries(
  ledger: Ledger,
  source: Source,
  { scope, afterKey, keys, references, due, now, signal }: RetriesQuery,
): Promise<{ readonly page: Omit<ReadPage, 'next'>; readonly lastKey: string | undefined }> {
  const limit = source.readOne === undefined ? KEPT_PAGE : FETCHED_PAGE;
  const filter = { ...(keys === undefined ? {} : { keys }), ...(references === undefined ? {} : { references }), ...(due === undefined ? {} : { due }) };
  const listed = await ledger.listRejected(scope, { afterKey, limit, ...filter });
  const observedAt = now();
  const { readOne } = source;
  const page =
    readOne === undefined
      ? { records: listed.flatMap(({ key, source: fields }) => (fields === undefined ? [] : [{ key, fields }])), gone: [] }
      : await asked(
          readOne,
          listed.map(({ key }) => key),
          signal,
        );
  return { page: { ...page, isRetry: true, observedAt, bytes: 0 }, lastKey: listed.length < limit ? undefined : listed.at(-1)?.key };
}

async function asked(
  readOne: NonNullable<Source['readOne']>,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<Pick<ReadPage, 'records' | 'gone' | 'unreadable'>> {
  const { records, gone, elsewhere, unreadable, failed } = await askByKey(readOne, keys, signal);
  const [failure] = failed.values();
  if (failure !== undefined) throw failure;
  return { records, gone: [...gone, ...elsewhere], unreadable };
}
