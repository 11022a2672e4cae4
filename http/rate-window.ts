import { HeldMeter } from './held-meter.ts';
import { Pacer } from './pacer.ts';
import { WindowLog } from './window-log.ts';
import type { WindowUse } from './window-use.ts';

/** Windows up to here are paced evenly; in longer ones (a day's quota) only the sum counts. */
const SPREAD_WINDOW_MS = 60_000;
/** Requests spread on their way: one that left a window here may still arrive in it there. */
const MARGIN = 0.01;
const MOST_MARGIN_MS = 100;
/** Who shares a window with others may be one request ahead of each of them; no more than so much of the pace is kept back for that. */
const MOST_SHARED_MARGIN = 0.04;
/** Requests that are further apart are counted one by one where the account is shared: one too many would be noticed. */
const QUICK_MS = 500;

export interface DeclaredWindow {
  readonly count: number;
  readonly perMs: number;
  /** Spaced evenly, or let go as they come. @default true up to a minute */
  readonly spread?: boolean | undefined;
}

/** One declared window, `count` requests per `perMs`: never exceeded in any stretch of that length, and spaced evenly where the window is short. */
export class RateWindow {
  readonly isQuota: boolean;
  /** What is ours of it, where it is counted together with other processes one by one. */
  readonly held: HeldMeter | undefined;
  readonly #declared: DeclaredWindow;
  readonly #widerMs: number;
  readonly #log: WindowLog;
  readonly #pacer: Pacer | undefined;

  constructor(declared: DeclaredWindow) {
    const { count, perMs, spread = perMs <= SPREAD_WINDOW_MS } = declared;
    this.#declared = declared;
    this.#widerMs = perMs + Math.min(MOST_MARGIN_MS, perMs * MARGIN);
    this.isQuota = !spread;
    this.#log = new WindowLog(count, this.#widerMs);
    this.#pacer = this.isQuota ? undefined : new Pacer(this.#widerMs / count);
    this.held = this.#openMeter();
  }

  /** Requests a second that its pace allows to all together; undefined where it has no pace. */
  get perSecond(): number | undefined {
    return this.isQuota ? undefined : (this.#declared.count * 1_000) / this.#widerMs;
  }

  waitMs(now: number, count = 1): number {
    return Math.max(this.#log.waitMs(now, count), this.#pacer?.waitMs(now) ?? 0);
  }

  use(now: number): WindowUse {
    const { count, perMs } = this.#declared;
    return { count, perMs, used: this.#log.used(now) };
  }

  take(now: number, count = 1): void {
    this.#log.take(now, count);
    this.#pacer?.take(now, count);
  }

  undo(count = 1): void {
    this.#log.undo(count);
    this.#pacer?.undo();
  }

  /** Only a fraction of its pace is ours now. @param share above 0 */
  setShare(share: number, holders: number, now: number): void {
    const { count, perMs } = this.#declared;
    const keptBack = Math.min(MOST_SHARED_MARGIN, (holders - 1) / count);
    this.#pacer?.setInterval(Math.max(this.#widerMs / count, perMs / (count * (1 - keptBack))) / share, now);
  }

  #openMeter(): HeldMeter | undefined {
    const { count, perMs } = this.#declared;
    const intervalMs = this.#widerMs / count;
    if (this.isQuota) return new HeldMeter({ kind: 'quota', perMs, count });
    return intervalMs < QUICK_MS ? undefined : new HeldMeter({ kind: 'spaced', perMs, intervalMs });
  }
}
