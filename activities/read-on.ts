import type { Page, Source } from '../connectors/ports.ts';
import { readWhenDone } from '../connectors/read-when-done.ts';
import { SyncError } from '../engine/errors.ts';
import type { PlacesOf } from './list-places.ts';

interface Reading {
  readonly name: string;
  readonly places: PlacesOf;
  readonly signal: AbortSignal;
  /** Throws where the step is to end before the next page. */
  readonly throwIfStopped: () => void;
}

/** The pages of a list that are left; each counts as read when the next one is asked for. A list whose cursor has expired is begun anew by the next attempt. */
export async function* readOn(source: Source, { name, places, signal, throwIfStopped }: Reading): AsyncGenerator<Page> {
  let place = places.get(name) ?? { next: undefined, records: 0 };
  if (places.has(name) && place.next === undefined) return;
  do {
    throwIfStopped();
    const page: Page = await readWhenDone(source, { window: {}, cursor: place.next, signal }).catch((error: unknown) => {
      if (error instanceof SyncError && error.code === 'CURSOR_EXPIRED') places.delete(name);
      throw error;
    });
    yield page;
    place = { next: page.next, records: place.records + page.records.length };
    places.set(name, place);
  } while (place.next !== undefined);
}
