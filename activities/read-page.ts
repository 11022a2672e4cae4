import type { Page } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { RememberedPage } from '../ledger/page-memory.ts';

/** Where a run's records come from: the object's list, named keys, or the rejected ones of earlier runs. The cursor is opaque, JSON, kept in the ledger. */
export interface PageReader {
  readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage>;
  /** Begins no further pages. @returns whether some are under way that reading on would give; without this method none ever are */
  finish?(): boolean;
}

export interface ReadPage extends Page {
  /** Records of earlier runs, tried again: not read from the source's list. */
  readonly isRetry?: boolean;
  /** Of those, keys that the source no longer has. */
  readonly gone?: readonly string[];
  /** Of a slice: how many of the records are its own and not its neighbour's. */
  readonly own?: number;
  /** Under which it may be remembered, once it is staged. */
  readonly place?: string;
  /** It is as it was: what it said then. */
  readonly remembered?: RememberedPage;
}
