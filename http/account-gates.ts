import type { CostBucket, CostFacts } from './cost-bucket.ts';
import type { Pacer } from './pacer.ts';
import { type DeclaredWindow, RateWindow } from './rate-window.ts';
import type { QuotaFacts, ToldQuota } from './told-quota.ts';
import type { WindowUse } from './window-use.ts';

export interface GateOptions {
  readonly windows: readonly DeclaredWindow[];
  /** A pace found out meanwhile. */
  readonly learnedPacer?: () => Pacer | undefined;
  /** Points that requests cost, where the API counts these. */
  readonly cost?: CostBucket | undefined;
  /** A quota whose use answers tell. */
  readonly quota?: ToldQuota | undefined;
}

/** All that an account's requests must pass, whoever sends them: its windows, a pace that was learned, its points, a quota that answers tell. Times are those of the limiter's clock. */
export class AccountGates {
  readonly #windows: RateWindow[];
  readonly #learnedPacer: () => Pacer | undefined;
  readonly #cost: CostBucket | undefined;
  readonly #quota: ToldQuota | undefined;

  constructor({ windows, learnedPacer, cost, quota }: GateOptions) {
    this.#windows = windows.map((window) => new RateWindow(window));
    this.#learnedPacer = learnedPacer ?? (() => undefined);
    this.#cost = cost;
    this.#quota = quota;
  }

  /** How long the next request waits. @param count what it counts as in the windows */
  waitMs(now: number, count: number): number {
    let waitMs = Math.max(this.#learnedPacer()?.waitMs(now) ?? 0, this.#cost?.waitMs(now) ?? 0, this.#quota?.waitMs(now) ?? 0);
    for (const window of this.#windows) waitMs = Math.max(waitMs, window.waitMs(now, count));
    return waitMs;
  }

  /** How long it waits for a declared quota alone. */
  quotaMs(now: number, count: number): number {
    return Math.max(0, ...this.#windows.filter(({ isQuota }) => isQuota).map((window) => window.waitMs(now, count)));
  }

  /** A request goes. @param own of who sends it @returns takes that back: it was not sent after all */
  take(now: number, count: number, own: Pacer | undefined): () => void {
    const windows = [...this.#windows];
    const gates = [own, this.#learnedPacer(), this.#cost, this.#quota].filter((gate) => gate !== undefined);
    for (const window of windows) window.take(now, count);
    for (const gate of gates) gate.take(now);
    return () => {
      for (const window of windows) window.undo(count);
      for (const gate of gates) gate.undo();
    };
  }

  /** A window that the API announced. */
  add(window: DeclaredWindow): void {
    this.#windows.push(new RateWindow(window));
  }

  learnCost(facts: CostFacts, sentAt: number, now: number): void {
    this.#cost?.learn(facts, { sentAt, now });
  }

  learnQuota(facts: QuotaFacts, sentAt: number): void {
    this.#quota?.learn(facts, sentAt);
  }

  /** The part that is ours, of what several processes share. */
  setShare(share: number, holders: number, now: number): void {
    if (share > 0) for (const window of this.#windows) window.setShare(share, holders, now);
    this.#cost?.setShare(share, now);
  }

  /** The slowest of their paces; undefined where none has one. */
  get perSecond(): number | undefined {
    const paces = [...this.#windows, this.#cost].flatMap((gate) => (gate?.perSecond === undefined ? [] : [gate.perSecond]));
    return paces.length === 0 ? undefined : Math.min(...paces);
  }

  /** Windows so long that their use is kept by the store. */
  get held(): readonly NonNullable<RateWindow['held']>[] {
    return this.#windows.flatMap((window) => (window.held === undefined ? [] : [window.held]));
  }

  use(now: number): readonly WindowUse[] {
    const told = this.#quota?.use;
    return [...this.#windows.map((window) => window.use(now)), ...(told === undefined ? [] : [told])];
  }
}
