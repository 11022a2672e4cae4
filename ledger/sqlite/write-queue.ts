/** One piece of work for a writing transaction, and what came of it. */
export interface QueuedWrite {
  readonly mustOutlivePowerCut: boolean;
  /** Does the work; may be called again where the transaction came to nothing. */
  run(): void;
  /** It threw: told to its caller once the transaction is over. */
  fail(error: unknown): void;
}

interface Settling extends QueuedWrite {
  /** The transaction was committed. */
  settle(): void;
  reject(error: unknown): void;
}

/** Gathers what is to be written in one turn of the event loop, and has it written together, in order. */
export class WriteQueue {
  readonly #writeTogether: (writes: readonly QueuedWrite[]) => Promise<void>;
  #waiting: Settling[] = [];
  #flushing: Promise<void> | undefined;

  /** @param writeTogether runs all of them in one transaction; rejects where it came to nothing */
  constructor(writeTogether: (writes: readonly QueuedWrite[]) => Promise<void>) {
    this.#writeTogether = writeTogether;
  }

  /** @returns what `work` returned, once it is committed */
  add<Result>(work: () => Result, mustOutlivePowerCut: boolean): Promise<Result> {
    return new Promise((resolve, reject) => {
      let end: (() => void) | undefined;
      this.#waiting.push({
        mustOutlivePowerCut,
        run: () => {
          const result = work();
          end = () => resolve(result);
        },
        fail: (error) => {
          end = () => reject(error);
        },
        settle: () => end?.(),
        reject,
      });
      this.#flushing ??= this.#flush();
    });
  }

  async drained(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn();
      const writes = this.#waiting;
      this.#waiting = [];
      await this.#writeTogether(writes).then(
        () => {
          for (const write of writes) write.settle();
        },
        (error: unknown) => {
          for (const write of writes) write.reject(error);
        },
      );
    }
    this.#flushing = undefined;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
