import type { Simulator } from '../../src/simulator/listen.js';

/** Begins the lists of requests anew: of many the oldest are dropped, so that a place in them says nothing. */
export function forgetRequests({ clusters }: Pick<Simulator, 'clusters'>): void {
  for (const { requests } of clusters) requests.length = 0;
}
