import type { ApiStats } from './api-settings.ts';

/** What the API counts: by record and by page, so that nothing done twice is missed. */
export class Tally {
  writes = 0;
  refused = 0;
  failed = 0;
  notModified = 0;
  lastWriteAt = 0;
  #reads = 0;
  #firstAt = 0;
  #lastAt = 0;
  #sentAgain = 0;
  #readAgain = 0;
  #oldestReadAgainAt = 0;
  readonly #sets = new Set<string>();
  readonly #written = new Set<string>();
  readonly #firstReadAt = new Map<string, number>();

  arrived(): void {
    this.#lastAt = Date.now();
    this.#firstAt ||= this.#lastAt;
  }

  read(page: string): void {
    this.#reads += 1;
    this.#sets.add(new URLSearchParams(page).get('set') ?? '');
    const before = this.#firstReadAt.get(page);
    if (before === undefined) return void this.#firstReadAt.set(page, this.#lastAt);
    this.#readAgain += 1;
    this.#oldestReadAgainAt = Math.min(this.#oldestReadAgainAt || before, before);
  }

  /** @returns whether the record is new */
  wrote(email: string): boolean {
    if (this.#written.has(email)) {
      this.#sentAgain += 1;
      return false;
    }
    this.#written.add(email);
    return true;
  }

  counts(): ApiStats {
    return {
      reads: this.#reads,
      notModified: this.notModified,
      writes: this.writes,
      refused: this.refused,
      failed: this.failed,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      lastWriteAt: this.lastWriteAt,
      sets: this.#sets.size,
      records: this.#written.size,
      recordsSentAgain: this.#sentAgain,
      pagesReadAgain: this.#readAgain,
      oldestReadAgainAt: this.#oldestReadAgainAt,
    };
  }
}
