import type { Json } from '../engine/json.ts';

export interface ListPlace {
  /** The cursor of the next page; undefined where all of it is read. */
  readonly next: Json | undefined;
  /** Records until there. */
  readonly records: number;
}

/** By list. */
export type PlacesOf = Map<string, ListPlace>;

/**
 * How far this process has read the lists of which the ledger keeps no place: lookup tables of runs, and what a comparison counts or looks through in the target. After a wait that an API
 * asked for they are read on, not from their first page: a list that takes longer than the API answers before it asks to wait would never be read. A process that begins anew begins them anew.
 */
export class ListPlaces {
  readonly #all = new Map<string, PlacesOf>();

  /** @param owner id of a run or a reconciliation */
  of(owner: string): PlacesOf {
    const places = this.#all.get(owner) ?? new Map<string, ListPlace>();
    this.#all.set(owner, places);
    return places;
  }

  forget(owner: string): void {
    this.#all.delete(owner);
  }
}
