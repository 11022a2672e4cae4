import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** `waiting`: the reader has not said yet; `shut`: nothing of the segment is ever written. */
export type GateState = 'open' | 'waiting' | 'shut';

/** With `drift: stop`, keeps a segment's changes from being written before what was read of it was looked at: its reader completes it only then. */
export class SegmentGate {
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #segment: number;
  #state: GateState;

  constructor(dependencies: ActivityDependencies, context: RunContext, segment: number) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#segment = segment;
    this.#state = context.definition.drift === 'stop' ? 'waiting' : 'open';
  }

  /** As last looked. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  async look(): Promise<GateState> {
    if (this.#state !== 'waiting') return this.#state;
    const segment = await this.#dependencies.ledger.readSegment(this.#context.run.id, this.#segment);
    if (segment?.state === 'complete') this.#state = 'open';
    if (segment?.state === 'aborted') this.#state = 'shut';
    return this.#state;
  }
}
