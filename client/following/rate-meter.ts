interface Sample {
  readonly at: number;
  readonly count: number;
}

/** The speed of a growing count over the last seconds. */
export class RateMeter {
  readonly #windowMs: number;
  #samples: Sample[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** @returns counts a second; undefined before two samples are a second apart */
  add(at: number, count: number): number | undefined {
    this.#samples.push({ at, count });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= this.#windowMs) this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || at - first.at < 1_000) return undefined;
    return ((count - first.count) * 1_000) / (at - first.at);
  }
}
