import type { ResolvedConnection } from '../../definition/resolved.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import type { Ledger, Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { RateMeter } from '../following/rate-meter.ts';
import { isOpen, settledCount } from '../following/run-snapshot.ts';
import { accountLimits } from './account-limits.ts';
import type { TopFrame, TopRun } from './top-frame.ts';
import { WorkWatch } from './work-watch.ts';

const RATE_OVER_MS = 5_000;

interface Meters {
  readonly records: RateMeter;
  readonly requests: RateMeter;
}

/** Looks at a project on a profile again and again. One look costs the ledger seven statements and one for each open run, each by index, and Temporal a question for each task queue and open run every three seconds. */
export class FrameReader {
  readonly #ledger: Pick<Ledger, 'listCurrentRuns' | 'readAccountUse' | 'listOpenIncidents' | 'countOpenEvents'>;
  readonly #place: string;
  readonly #syncs: readonly string[];
  readonly #connections: readonly ResolvedConnection[];
  readonly #watch: WorkWatch;
  readonly #meters = new Map<string, Meters>();

  private constructor(cli: Cli, ledger: Ledger, place: string, syncs: readonly string[], connections: readonly ResolvedConnection[]) {
    this.#ledger = ledger;
    this.#place = place;
    this.#syncs = syncs;
    this.#connections = connections;
    this.#watch = new WorkWatch(cli, [...new Set(connections.flatMap(({ taskQueue }) => taskQueue ?? []))]);
  }

  static async open(cli: Cli): Promise<FrameReader> {
    const project = await cli.session.project();
    const found = project.syncNames.flatMap((sync) => Object.entries(project.find(sync)?.connections ?? {}));
    const connections = [...new Map(found).values()].toSorted((one, other) => one.name.localeCompare(other.name));
    return new FrameReader(cli, await cli.session.ledger(), `${project.name}/${project.profile}`, project.syncNames, connections);
  }

  /** @throws SyncError STORE_UNAVAILABLE */
  async next(): Promise<TopFrame> {
    const began = performance.now();
    const at = Date.now();
    const accounts = this.#connections.map(({ name }) => `${this.#place}/${name}`);
    const [current, uses, incidents, events] = await Promise.all([
      this.#ledger.listCurrentRuns(this.#syncs.map((sync) => `${this.#place}/${sync}`)),
      this.#ledger.readAccountUse(accounts, at),
      this.#ledger.listOpenIncidents(`${this.#place}/`),
      this.#ledger.countOpenEvents(`${this.#place}/`),
    ]);
    const ledgerMs = performance.now() - began;
    const open = current.filter(({ state }) => isOpen(state));
    const work = this.#watch.look(open, at);
    const busy = new Set(open.map(({ scope }) => scope));
    const lastOf = new Map(current.map((run) => [run.scope, run]));
    return {
      at,
      place: this.#place,
      runs: this.#runs(open, at).map((run) => ({ ...run, retry: work?.retries.get(run.run.id) })),
      resting: this.#syncs
        .filter((sync) => !busy.has(`${this.#place}/${sync}`))
        .map((sync) => ({ sync, last: lastOf.get(`${this.#place}/${sync}`) }))
        .toSorted((one, other) => (other.last?.endedAt ?? 0) - (one.last?.endedAt ?? 0)),
      connections: this.#connections.flatMap((connection, index) => {
        const use = uses[index];
        return use === undefined ? [] : [accountLimits(connection, use)];
      }),
      work,
      deliveries: events.map(({ scope, open: waiting, oldestAt }) => ({ sync: parseSyncScope(scope).sync, open: waiting, since: oldestAt })),
      incidents: incidents.map(({ scope, rule, what, openedAt }) => ({ sync: parseSyncScope(scope).sync, rule, what, since: openedAt })),
      ledgerMs,
    };
  }

  /** Until Temporal has answered what was asked last. */
  answered(): Promise<void> {
    return this.#watch.answered();
  }

  #runs(open: readonly Run[], at: number): readonly TopRun[] {
    const ids = new Set(open.map(({ id }) => id));
    for (const id of this.#meters.keys()) if (!ids.has(id)) this.#meters.delete(id);
    return open.map((run) => {
      const meters = this.#meters.get(run.id) ?? { records: new RateMeter(RATE_OVER_MS), requests: new RateMeter(RATE_OVER_MS) };
      this.#meters.set(run.id, meters);
      const recordsPerSecond = meters.records.add(at, settledCount(run.totals));
      const requestsPerSecond = meters.requests.add(at, run.totals.requests);
      return { sync: parseSyncScope(run.scope).sync, run, recordsPerSecond, requestsPerSecond, retry: undefined };
    });
  }
}
