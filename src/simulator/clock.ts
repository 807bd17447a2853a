/** Where the simulator's time comes from; everything that takes time is finished by it. */
export interface SimulatorClock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const realClock: SimulatorClock = { now: () => Date.now() };

/** A clock that stands still until it is advanced. */
export class ManualClock implements SimulatorClock {
  #now: number;

  constructor(startMs = Date.UTC(2026, 5, 1, 12, 0, 0)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

export function seconds(clock: SimulatorClock): number {
  return Math.floor(clock.now() / 1000);
}
