import { Pacer } from './pacer.ts';
import { WindowLog } from './window-log.ts';

/** Windows up to here are paced evenly; in longer ones (a day's quota) only the sum counts. */
const PACED_WINDOW_MS = 60_000;
/** Requests spread on their way: one that left a window here may still arrive in it there. */
const MARGIN = 0.01;
const MOST_MARGIN_MS = 100;

/** One declared window, `count` requests per `perMs`: never exceeded in any stretch of that length, and spaced evenly where the window is short. */
export class RateWindow {
  readonly isQuota: boolean;
  readonly #log: WindowLog;
  readonly #pacer: Pacer | undefined;

  constructor({ count, perMs }: { readonly count: number; readonly perMs: number }) {
    const widerMs = perMs + Math.min(MOST_MARGIN_MS, perMs * MARGIN);
    this.isQuota = perMs > PACED_WINDOW_MS;
    this.#log = new WindowLog(count, widerMs);
    this.#pacer = this.isQuota ? undefined : new Pacer(widerMs / count);
  }

  waitMs(now: number): number {
    return Math.max(this.#log.waitMs(now), this.#pacer?.waitMs(now) ?? 0);
  }

  take(now: number): void {
    this.#log.take(now);
    this.#pacer?.take(now);
  }

  undo(): void {
    this.#log.undo();
    this.#pacer?.undo();
  }
}
