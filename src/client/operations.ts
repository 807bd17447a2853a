import type { z } from 'zod';
import type { Via } from '../clusters/route.js';
import type { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import type { scopeArguments } from '../tools/scope.js';
import type { CallOptions } from './execution.js';

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** `proxmox-list-vms` -> `listVms` */
export type MethodName<N extends string> = N extends `proxmox-${infer Rest}` ? Camel<Rest> : never;

export function methodName(tool: string): string {
  return tool.replace(/^proxmox-/, '').replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The chosen cluster and how it was chosen, beside what it gave. */
interface Routed {
  readonly cluster: string;
  readonly via: Via;
  /** The pattern or VMID range that chose it. */
  readonly by?: string;
}

interface Read extends Routed {
  /** The cluster that was asked in its place, as it cannot be reached; the notes say so too. */
  readonly answered_by?: string;
  readonly notes?: readonly string[];
}

/** The answer of an operation that gives one object. */
export interface ResultAnswer<T> extends Read {
  readonly result: T;
}

/** How the task of a write ended, or that it was still running when the time was up. */
interface TaskEnd {
  readonly state: 'running' | 'ok' | 'warnings' | 'failed' | 'unknown';
  readonly exitstatus?: string;
  /** Seconds. */
  readonly waited?: number;
  readonly log?: readonly string[];
}

/** The answer of a write: what was done, or the plan of what would be sent. */
export interface WriteAnswer<T> extends Routed {
  readonly result?: T & { readonly task?: TaskEnd };
  readonly plan?: { readonly target: object; readonly writes: readonly object[]; readonly next?: string };
}

/** The answer of an operation that gives a list; `total` counts all rows, `next_cursor` is there when some are left. */
export interface ListAnswer<T> extends Read {
  readonly items: readonly T[];
  readonly total: number;
  readonly next_cursor?: string;
}

type Body<A> = Omit<A, keyof Routed | 'next_cursor'>;

/** The answers of several clusters; one that failed has its error in place of its data. */
export interface FleetAnswer<A> extends Routed {
  readonly clusters: readonly (
    | ({ readonly cluster: string; readonly error?: never } & Body<A>)
    | { readonly cluster: string; readonly error: Error }
  )[];
  /** Of a list: rows over all clusters that answered. */
  readonly total?: number;
  readonly next_cursor?: string;
}

interface Paging {
  /** Rows at most, 1 to 1000; default 100. */
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string;
}

/** Without arguments: `unknown`, as an object type of none would forbid those that are added. */
type Input<I extends z.ZodRawShape> = keyof I extends never ? unknown : z.input<z.ZodObject<I>>;

type Own<T extends Tool> = Input<T['input']> &
  Input<(typeof scopeArguments)[T['scope']]> &
  (T['kind'] extends 'list' ? Paging : object) &
  (T['effect'] extends 'write' | 'destroy' ? Writing : object);

interface Writing {
  /** Only show the plan. */
  readonly dry_run?: boolean;
  /** Needed for what destroys; without it the answer is the plan. */
  readonly confirm?: boolean;
  /** Wait for the task; default true. */
  readonly wait?: boolean;
  /** Seconds to wait; default 45. */
  readonly timeout?: number;
}

type AnswerOf<T extends Tool> = T['effect'] extends 'write' | 'destroy'
  ? WriteAnswer<z.output<T['output']>>
  : T['kind'] extends 'list'
    ? ListAnswer<z.output<T['output']>>
    : ResultAnswer<z.output<T['output']>>;

type Operation<A, R> = object extends A
  ? (args?: A, options?: CallOptions) => Promise<R>
  : (args: A, options?: CallOptions) => Promise<R>;

type Catalogue = (typeof catalogue)[number];

/** Every tool of the catalogue as a method of the same name, on the one cluster that `cluster` names or routing chooses. */
export type Operations = {
  readonly [T in Catalogue as MethodName<T['name']>]: T['scope'] extends 'fleet'
    ? Operation<Own<T> & { readonly cluster?: string }, FleetAnswer<AnswerOf<T>>>
    : Operation<Own<T> & { readonly cluster?: string }, AnswerOf<T>>;
};

type Readable = Exclude<
  Catalogue,
  | { readonly effect: 'write' | 'destroy' }
  | { readonly scope: 'configuration' | 'across' | 'between' | 'guest-between' }
>;

/** Every read of the catalogue, on several clusters at once. */
export type FleetOperations = {
  readonly [T in Readable as MethodName<T['name']>]: Operation<Own<T>, FleetAnswer<AnswerOf<T>>>;
};
