/** What went wrong, in words, how often, and once how. */
export type Faults = Map<string, { count: number; example: string }>;

/** Counts a fault; of the first of its kind it tells. */
export function noteFault(
  faults: Faults,
  onFault: ((fault: string, example: string) => void) | undefined,
  fault: string,
  example: string,
): void {
  const known = faults.get(fault);
  if (known !== undefined) {
    known.count += 1;
    return;
  }
  faults.set(fault, { count: 1, example });
  onFault?.(fault, example);
}
