import type { Page } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { RememberedPage } from '../ledger/page-memory.ts';
import type { EventsOutlook } from './activities.ts';
import type { PreparedPage } from './prepare-page.ts';

/** Where a run's records come from: the object's list, named keys, or the rejected ones of earlier runs. The cursor is opaque, JSON, kept in the ledger. */
export interface PageReader {
  readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage>;
  /** Begins no further pages. @returns whether some are under way that reading on would give; without this method none ever are */
  finish?(): boolean;
  /** A page of it is in the ledger. */
  staged?(page: ReadPage, prepared: PreparedPage, segment: number): Promise<void>;
  /** There is no last page, only none for now: each segment begins anew. */
  readonly isEndless?: boolean;
  /** Of what has no end: what to expect of it. */
  readonly outlook?: EventsOutlook;
}

export interface ReadPage extends Page {
  /** Records of earlier runs, tried again: not read from the source's list. */
  readonly isRetry?: boolean;
  /** Of those, keys that the source no longer has. */
  readonly gone?: readonly string[];
  /** Keys of which nothing is known: a delivery names them and holds no record, and the source cannot be asked for one. */
  readonly unread?: readonly string[];
  /** Of a slice: how many of the records are its own and not its neighbour's. */
  readonly own?: number;
  /** Under which it may be remembered, once it is staged. */
  readonly place?: string;
  /** It is as it was: what it said then. */
  readonly remembered?: RememberedPage;
}
