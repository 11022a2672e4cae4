/** The host's own sign of a coming shutdown, fired before Temporal's: readers and writers stop claiming while Temporal still lets them finish. */
export class Drain {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#controller.abort();
  }
}
