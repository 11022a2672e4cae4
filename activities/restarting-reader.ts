import { z } from 'zod';
import type { SourceRecord } from '../connectors/ports.ts';
import { compareCursorValues, cursorText } from '../engine/cursor-value.ts';
import { SyncError } from '../engine/errors.ts';
import { type Expression, evaluateOrNothing } from '../engine/expression.ts';
import type { Json } from '../engine/json.ts';
import { safeStart } from '../engine/window.ts';
import type { PageReader, ReadPage } from './read-page.ts';

/** Restarts that got hardly further than the one before, before the list is given up. */
const MOST_VAIN_RESTARTS = 3;
/** An API that forgets its cursors after a time is given up neither for a bad minute nor for getting a record further each time. */
const FURTHER = 1.1;

const walkSchema = z.strictObject({
  /** The source's own cursor; absent: at the first page. */
  place: z.json().optional(),
  /** An earlier read was given it: by now the source may not know it any more. */
  isOld: z.boolean().optional(),
  /** Records read since the walk began. */
  read: z.int(),
  /** What the walk reads from, where it began in the middle. */
  from: z.string().optional(),
  /** The largest value met, as long as all came in order. */
  last: z.string().optional(),
  isOrdered: z.boolean(),
  vainRestarts: z.int(),
  /** Records of the longest walk. */
  furthest: z.int(),
});
type Walk = Omit<z.output<typeof walkSchema>, 'place'> & { readonly place?: Json | undefined };

const BEGINNING: Walk = { read: 0, isOrdered: true, vainRestarts: 0, furthest: 0 };

export interface RestartingOptions {
  /** One page of the list, read from a value of the incremental field where that is given. */
  readonly readPage: (request: {
    readonly from: string | undefined;
    readonly cursor: Json | undefined;
    readonly signal: AbortSignal;
    /** What earlier reads remember of the list is not to be relied on. */
    readonly isAnew: boolean;
  }) => Promise<ReadPage>;
  /** The list is ordered by this field and can be read from one of its values. */
  readonly order?: { readonly field: Expression; readonly lookbackMs: number } | undefined;
  readonly onRestart: (reason: string) => void;
}

/**
 * A list whose cursor the API may forget in the middle: it is then read from its beginning again, or, where its order is known and held, from the last value that was read.
 * What is met a second time is staged once. Bounded: a list that cannot be read further is given up.
 */
export class RestartingReader implements PageReader {
  readonly #options: RestartingOptions;

  constructor(options: RestartingOptions) {
    this.#options = options;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const walk = walkOf(cursor);
    try {
      return await this.#readOn(walk, signal);
    } catch (error) {
      if (!(error instanceof SyncError) || walk.place === undefined || !isForgotten(error, walk)) throw error;
      const again = this.#restart(walk, error);
      this.#options.onRestart(error.message);
      return this.#readOn(again, signal);
    }
  }

  async #readOn(walk: Walk, signal: AbortSignal): Promise<ReadPage> {
    const page = await this.#options.readPage({ from: walk.from, cursor: walk.place, signal, isAnew: walk.vainRestarts > 0 });
    if (page.next === undefined) return page;
    const next: Walk = {
      ...walk,
      place: page.next,
      isOld: page.remembered !== undefined,
      read: walk.read + (page.remembered?.records.length ?? page.records.length),
      ...(await this.#follow(walk, page.records)),
    };
    return { ...page, next: asCursor(next) };
  }

  /** Believes in an order only as far as it has seen it: a list that runs backwards would be left with its older half unread. */
  async #follow(walk: Walk, records: readonly SourceRecord[]): Promise<Pick<Walk, 'last' | 'isOrdered'>> {
    const { order } = this.#options;
    if (order === undefined || !walk.isOrdered) return { isOrdered: false };
    let { last } = walk;
    for (const { fields } of records) {
      const value = cursorText(await evaluateOrNothing(order.field, fields));
      if (value === undefined || (last !== undefined && compareCursorValues(value, last) < 0)) return { isOrdered: false };
      last = value;
    }
    return { isOrdered: true, ...(last === undefined ? {} : { last }) };
  }

  #restart(walk: Walk, error: SyncError): Walk {
    const { order } = this.#options;
    const last = walk.isOrdered ? walk.last : undefined;
    const from = order === undefined || last === undefined ? walk.from : safeStart(last, order.lookbackMs);
    const isFurther = from !== walk.from || walk.read > walk.furthest * FURTHER;
    const vainRestarts = isFurther ? 1 : walk.vainRestarts + 1;
    if (vainRestarts > MOST_VAIN_RESTARTS) {
      const advice = 'Read the object in smaller parts (slices), or by a way of paging that lasts longer.';
      const message = `${error.message} It was read again ${MOST_VAIN_RESTARTS} times and got no further. ${advice}`;
      throw new SyncError({ code: 'CURSOR_EXPIRED', retry: 'never', message, details: error.details, cause: error });
    }
    return { ...BEGINNING, ...(from === undefined ? {} : { from }), vainRestarts, furthest: Math.max(walk.furthest, walk.read) };
  }
}

/** Not every API has a word of its own for a cursor that it does not know. */
function isForgotten({ code }: SyncError, { isOld }: Walk): boolean {
  return code === 'CURSOR_EXPIRED' || (code === 'REQUEST_REJECTED' && isOld === true);
}

function asCursor({ place, isOld, from, last, ...counts }: Walk): Json {
  return {
    ...counts,
    ...(isOld === true ? { isOld } : {}),
    ...(place === undefined ? {} : { place }),
    ...(from === undefined ? {} : { from }),
    ...(last === undefined ? {} : { last }),
  };
}

/** A cursor without a walk around it is the source's own. */
function walkOf(cursor: Json | undefined): Walk {
  if (cursor === undefined) return BEGINNING;
  const walk = walkSchema.safeParse(cursor);
  return walk.success ? walk.data : { ...BEGINNING, isOrdered: false, place: cursor };
}
