import type { Output } from '../output/output.ts';
import { phaseWords, type RunSnapshot, type RunView } from './run-snapshot.ts';

const EVERY_MS = 1_000;

/** NDJSON on stdout: one `progress` event a second where something changed. */
export class EventView implements RunView {
  readonly #output: Output;
  #last = '';
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(output: Output) {
    this.#output = output;
  }

  update(snapshot: RunSnapshot): void {
    if (snapshot.now - this.#lastAt < EVERY_MS) return;
    const { run } = snapshot;
    const body = { run: run.id, state: run.state, phase: run.phase, doing: phaseWords(snapshot), totals: run.totals, waits: run.waits };
    const text = JSON.stringify(body);
    if (text === this.#last) return;
    this.#last = text;
    this.#lastAt = snapshot.now;
    this.#output.event({ event: 'progress', at: new Date(snapshot.now).toISOString(), ...body });
  }

  end(): void {
    this.#last = '';
  }
}
