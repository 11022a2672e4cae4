import type { Logger } from 'pino';
import { syncScope } from '../../engine/ids.ts';
import type { Ledger, SyncStanding } from '../../ledger/ledger.ts';

/** However often Prometheus asks, and however many do. */
const REMEMBERED_MS = 10_000;
const SYNCS_REMEMBERED_MS = 60_000;

export interface StandingsParts {
  readonly ledger: Ledger;
  readonly project: string;
  readonly profile: string;
  /** May throw while a definition is being edited. */
  readonly syncs: () => readonly string[];
  readonly log: Logger;
}

/** How the syncs of a project stand, as the ledger has it, asked for no more often than it changes much. */
export class Standings {
  readonly #parts: StandingsParts;
  #syncs: readonly string[] = [];
  #syncsAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #known: ReadonlyMap<string, SyncStanding> | undefined;

  constructor(parts: StandingsParts) {
    this.#parts = parts;
  }

  /** By the name of the sync. @returns undefined where the ledger does not answer */
  async read(): Promise<ReadonlyMap<string, SyncStanding> | undefined> {
    if (performance.now() - this.#readAt < REMEMBERED_MS) return this.#known;
    this.#readAt = performance.now();
    const { ledger, project, profile, log } = this.#parts;
    const syncs = this.#names();
    try {
      const standings = await ledger.readStandings(syncs.map((sync) => syncScope({ project, profile, sync })));
      this.#known = new Map(syncs.flatMap((sync, index) => (standings[index] === undefined ? [] : [[sync, standings[index]] as const])));
    } catch (error) {
      log.warn({ error }, 'metrics are without what the ledger knows');
      this.#known = undefined;
    }
    return this.#known;
  }

  #names(): readonly string[] {
    if (performance.now() - this.#syncsAt < SYNCS_REMEMBERED_MS) return this.#syncs;
    this.#syncsAt = performance.now();
    try {
      this.#syncs = this.#parts.syncs();
    } catch (error) {
      this.#parts.log.warn({ error }, 'metrics are of the syncs as they were defined before');
    }
    return this.#syncs;
  }
}
