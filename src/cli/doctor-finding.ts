/** One thing that is not as it should be; a note is none that needs mending. */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: string;
  /** The cluster it is about, where it is about one. */
  readonly cluster?: string;
  readonly message: string;
  /** What to do. */
  readonly next?: string;
  /** To be run on a node of the cluster. */
  readonly commands?: readonly string[];
}

const mostNamed = 3;

/** A few of them by name, and how many more there are. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).join(', ');
  return names.length > mostNamed ? `${shown} and ${names.length - mostNamed} more` : shown;
}

export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
