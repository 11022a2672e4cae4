import type { ConnectionLane } from './connection-lane.ts';
import type { ConnectionLanes } from './connection-lanes.ts';
import type { HttpPermit } from './http-client.ts';
import type { Place } from './limiter.ts';

/** A place among the requests in flight with a connection of its own. */
export class LanePermit implements HttpPermit {
  readonly lane: ConnectionLane;
  readonly #place: Place;
  readonly #lanes: ConnectionLanes;
  #isReleased = false;

  constructor(place: Place, lanes: ConnectionLanes) {
    this.#place = place;
    this.#lanes = lanes;
    this.lane = lanes.take();
  }

  /** What the paths of its request are joined to. */
  get baseUrl(): URL {
    return this.#lanes.baseUrl;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  markUsed(): void {
    this.#place.markUsed();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#lanes.giveBack(this.lane);
    this.#place.release();
  }
}
