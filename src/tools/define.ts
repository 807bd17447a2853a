import type { z } from 'zod';
import type { Call, Endpoint } from '../pve/endpoint.js';
import type { WaitOptions, WaitResult } from '../pve/task-wait.js';
import type { UploadFile } from '../pve/upload.js';
import type { ClusterView, Scope, Targets } from './scope.js';
import type { Toolset } from './toolsets.js';

/** `read` changes nothing; `destroy` may lose data or stop a service; `write` is what lies between. */
export type Effect = 'read' | 'write' | 'destroy';

/** A privilege and the ACL path it is needed on; `A|B` where either will do. */
export type Privilege = `${string} on /${string}`;

export type Calls = Readonly<Record<string, Endpoint>>;

/** Which rows of a list were asked for. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** A file of this machine that may be sent. */
export interface LocalFile extends UploadFile {
  /** Reads all of it; in lower-case hex. */
  sha256(): Promise<string>;
}

export interface Files {
  /**
   * Finds a file and makes sure that it can be read.
   * @param argument that named it, of which a fault is told
   * @throws {InvalidInput} when it is missing, empty, no regular file or may not be read
   */
  find(path: string, argument: string): Promise<LocalFile>;
}

/** A node as another cluster reaches it. */
export interface RemotePlace {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of its certificate, upper-case hex with colons. */
  readonly fingerprint?: string | undefined;
}

/** Where a call goes, and by what: `default`, or the rule that decides. */
export interface Lead {
  /** The cluster that was asked. */
  readonly here: string;
  readonly cluster: string;
  readonly by: string;
}

/** One cluster of a call, and what can be done there. */
export interface Side<C extends Calls> {
  readonly call: { readonly [K in keyof C]: Call<C[K]> };
  /** Waits for a task and tells the client how far it is. */
  wait(task: { readonly node: string; readonly upid: string }, options: WaitOptions): Promise<WaitResult>;
  /**
   * Waits for the task of a step that another step follows, within the call's `timeout`.
   * @throws {StepError} when it did not end well, or was still running when the time was up
   */
  finish(upid: string): Promise<void>;
  /** What the cluster is configured to take where a call leaves it out. */
  readonly defaults: { readonly node?: string; readonly storage?: string; readonly bridge?: string };
  /**
   * Makes something under a VMID: the one given, or the next free one. Only one at a time looks for a free one, and one
   * that was taken meanwhile is looked for again.
   * @param preferred is taken where it is free and no VMID map gives it to another cluster
   */
  claimVmid<T>(given: number | undefined, make: (vmid: number) => Promise<T>, preferred?: number): Promise<T>;
  /** Where a later call by this name or VMID that names no cluster would go, if not to this cluster. */
  ledElsewhere(guest: { readonly name?: string | undefined; readonly vmid?: number | undefined }): Lead | undefined;
  /** Milliseconds since the epoch by the clock of the cluster, as its last answer tells it. */
  clusterTime(): number;
  /**
   * The value of a `target-endpoint`, by which another cluster may act on this one: with the token given, else with this
   * cluster's own. For that parameter alone, which no plan, answer or log shows whole.
   */
  endpointFor(place: RemotePlace, token?: { readonly id: string; readonly secret: string }): string;
  /**
   * Starts a task when no other of the same key runs: Proxmox fails clones of one source that run at once. The next one
   * waits until this task is over, whether or not this call does.
   */
  startInTurn<T extends { readonly upid: string }>(key: string, start: () => Promise<T>): Promise<T>;
}

/** What a tool is given to work with; all of it is bound to the clusters that were chosen. */
export interface Context<S extends Scope, I extends z.ZodRawShape, C extends Calls> extends Omit<Side<C>, 'call'> {
  readonly target: Targets[S];
  readonly input: z.output<z.ZodObject<I>>;
  readonly page: Page;
  /** On the one cluster that was chosen, of two the source; of several there is none before the others. */
  readonly call: S extends 'across' ? never : Side<C>['call'];
  /** The same on one of the clusters of the target. */
  at(cluster: ClusterView): Side<C>;
  /** Seconds that are left of the call's `timeout`; 0 where it is not to wait. */
  secondsLeft(): number;
  /** Adds a remark to the answer, such as what was chosen where the call left it out; shown in the plan too. */
  note(text: string): void;
  /** Adds a remark to the plan alone: what the result of the real call tells anyway. */
  outline(text: string): void;
  /**
   * Adds facts to the plan alone, beside its writes; a refusal after them then stands in the plan too. A text among them
   * that is no table is a sentence of ours, as notes are: a person may be asked with it.
   */
  present(facts: Readonly<Record<string, unknown>>): void;
  /** Says what is still to be done; told if the next step fails, or was not reached in time. */
  nowLeft(what: string): void;
  /** Says how what was done so far can be taken back; told if a later step fails. */
  offerUndo(how: string): void;
  /** Tells the client how far a long read is. */
  progress(done: number, total: number, message: string): Promise<void>;
  /** Waits so many milliseconds before the next look at something that is no task; not at all in a plan. */
  pause(ms: number): Promise<void>;
  /** Milliseconds since the epoch, when the call began: what follows from it is the same after a person was asked. */
  readonly now: number;
  /** The files of the machine that this server runs on. */
  readonly files: Files;
  /**
   * Keeps the secret that `make` gives in a new file that its owner alone may read, and gives the file's path. That it
   * can be written is seen before `make` is run; where it then is not, `undo` takes back what was made.
   */
  keepSecret(label: string, make: () => Promise<string>, undo: () => Promise<unknown>): Promise<string>;
}

interface Description<N extends string, S extends Scope, I extends z.ZodRawShape, C extends Calls> {
  readonly name: N;
  readonly title: string;
  readonly description: string;
  /** -> annotations, and for writes `dry_run`; for what destroys `confirm` */
  readonly effect: Effect;
  /** -> cluster, node, vmid, ... arguments; routing; the target */
  readonly scope: S;
  /** A named part of the catalogue that can be switched on and off. */
  readonly toolset: Toolset;
  /** Whether an operator needs it daily: it is in the set `default`. */
  readonly daily?: true;
  /** Takes `cluster: 'auto'`: of all clusters, the one with the best place for what is to be made. */
  readonly placed?: true;
  /** Changes what this server does, though nothing on a cluster: the server runs it itself, and it is no plain read. */
  readonly changesServer?: true;
  /** Of a `write`: whether a call with these arguments may lose data or stop a service, and so counts as `destroy`. */
  destroysIf?(input: z.output<z.ZodObject<I>>): boolean;
  /** Destroys nothing, but cannot be taken back: by default it goes to no cluster where another may be meant. */
  readonly lasting?: true;
  /** Works over several clusters, and deals itself with one that has several names. */
  readonly tellsNamesakes?: true;
  /** Waits for several tasks itself: it has no one `upid` in its output, and gets `timeout` nevertheless. */
  readonly waits?: true;
  /** Only what the tool adds to the arguments of its scope. */
  readonly input: I;
  /** Every endpoint that it may touch. */
  readonly calls: C;
  /** What the token needs for it. */
  readonly privileges: readonly Privilege[];
}

/** A tool that answers with one object. */
export interface ResultTool<
  N extends string = string,
  S extends Scope = Scope,
  I extends z.ZodRawShape = z.ZodRawShape,
  O extends z.ZodObject = z.ZodObject,
  C extends Calls = Calls,
> extends Description<N, S, I, C> {
  readonly kind: 'result';
  readonly output: O;
  run(context: Context<S, I, C>): Promise<z.input<O>>;
}

/** Rows, and what is to be said about them. */
export interface Rows<R> {
  readonly rows: readonly R[];
  /** Of all rows, where `rows` is already cut to the page that was asked for. */
  readonly total?: number;
  readonly notes?: readonly string[];
}

/** A tool that answers with a list; `limit`, `cursor` and `fields` come with it. */
export interface ListTool<
  N extends string = string,
  S extends Scope = Scope,
  I extends z.ZodRawShape = z.ZodRawShape,
  O extends z.ZodObject = z.ZodObject,
  C extends Calls = Calls,
> extends Description<N, S, I, C> {
  readonly kind: 'list';
  /** One row. */
  readonly output: O;
  run(context: Context<S, I, C>): Promise<Rows<z.input<O>>>;
}

export type Tool = ResultTool | ListTool;

export const defineTool = <
  const N extends `proxmox-${string}`,
  S extends Scope,
  I extends z.ZodRawShape,
  O extends z.ZodObject,
  C extends Calls,
  const E extends Effect,
>(
  tool: Omit<ResultTool<N, S, I, O, C>, 'kind'> & { readonly effect: E },
): ResultTool<N, S, I, O, C> & { readonly effect: E } => ({ kind: 'result', ...tool });

export const defineList = <
  const N extends `proxmox-${string}`,
  S extends Scope,
  I extends z.ZodRawShape,
  O extends z.ZodObject,
  C extends Calls,
  const E extends Effect,
>(
  tool: Omit<ListTool<N, S, I, O, C>, 'kind'> & { readonly effect: E },
): ListTool<N, S, I, O, C> & { readonly effect: E } => ({ kind: 'list', ...tool });
