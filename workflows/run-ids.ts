import { makeRunId } from '../engine/ids.ts';

/** Ids of the runs that a workflow starts. Several are made in one second: an id is drawn until it is a new one. */
export class RunIds {
  readonly #made = new Set<string>();

  next(): string {
    for (;;) {
      const id = makeRunId(Date.now(), Math.random);
      if (this.#made.has(id)) continue;
      this.#made.add(id);
      return id;
    }
  }
}
