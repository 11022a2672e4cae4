import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { SyncError } from '../../engine/errors.ts';
import { syncScope } from '../../engine/ids.ts';
import type { OpenEvents } from '../../ledger/delivery-store.ts';
import type { AccountUse, Ledger, SyncStanding } from '../../ledger/ledger.ts';

/** However often Prometheus asks, and however many do. */
const REMEMBERED_MS = 10_000;
const SYNCS_REMEMBERED_MS = 60_000;
/** Prometheus waits for 10 s in all, and then takes the worker for dead, not the ledger. */
const PATIENCE_MS = 3_000;

export interface LedgerStateParts {
  readonly ledger: Pick<Ledger, 'readStandings' | 'countOpenEvents' | 'readAccountUse'>;
  readonly project: string;
  readonly profile: string;
  /** May throw while a definition is being edited. */
  readonly syncs: () => readonly string[];
  readonly log: Logger;
}

/** What the ledger says of the syncs of a project, and of the accounts in use. */
export interface LedgerState {
  readonly syncs: readonly { readonly sync: string; readonly standing: SyncStanding; readonly events: OpenEvents | undefined }[];
  readonly accounts: readonly AccountUse[];
}

/** How the syncs of a project stand, as the ledger has it, asked for no more often than it changes much. */
export class LedgerStates {
  readonly #parts: LedgerStateParts;
  #syncs: readonly string[] = [];
  #syncsAt = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #known: LedgerState | undefined;
  #asking: Promise<LedgerState> | undefined;

  constructor(parts: LedgerStateParts) {
    this.#parts = parts;
  }

  /** @param accounts in use. @returns undefined where the ledger does not answer */
  async read(accounts: ReadonlySet<string>): Promise<LedgerState | undefined> {
    if (performance.now() - this.#readAt < REMEMBERED_MS) return this.#known;
    this.#readAt = performance.now();
    try {
      this.#known = await this.#askInTime([...accounts]);
    } catch (error) {
      this.#parts.log.warn({ error }, 'metrics are without what the ledger knows');
      this.#known = undefined;
    }
    return this.#known;
  }

  /** What comes too late is the next one's answer: it asks for nothing more meanwhile. */
  async #askInTime(accounts: readonly string[]): Promise<LedgerState> {
    this.#asking ??= this.#ask(accounts).finally(() => {
      this.#asking = undefined;
    });
    const answered = new AbortController();
    const late = sleep(PATIENCE_MS, undefined, { signal: answered.signal }).then(() => Promise.reject(notInTime()));
    try {
      return await Promise.race([this.#asking, late]);
    } finally {
      answered.abort();
    }
  }

  async #ask(accounts: readonly string[]): Promise<LedgerState> {
    const { ledger, project, profile } = this.#parts;
    const scopes = new Map(this.#names().map((sync) => [syncScope({ project, profile, sync }), sync]));
    const [standings, events, uses] = await Promise.all([
      ledger.readStandings([...scopes.keys()]),
      ledger.countOpenEvents(`${project}/${profile}/`),
      ledger.readAccountUse(accounts, Date.now()),
    ]);
    const syncs = standings.map((standing) => ({
      sync: scopes.get(standing.scope) ?? standing.scope,
      standing,
      events: events.find(({ scope }) => scope === standing.scope),
    }));
    return { syncs, accounts: uses };
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

function notInTime(): SyncError {
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: `The ledger has not answered within ${PATIENCE_MS / 1_000} s.` });
}
