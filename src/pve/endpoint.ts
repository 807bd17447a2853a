import type { z } from 'zod';
import type { Params } from './params.js';
import type { PathValues, Route } from './route.js';
import type { UploadFile } from './upload.js';

/** A route and the shape of its answer's `data`. */
export interface Endpoint<R extends Route = Route, S extends z.ZodType = z.ZodType> {
  readonly route: R;
  readonly data: S;
  /** What stands for the answer of a write that is only planned; needed where none of the usual answers fits `data`. */
  readonly planned?: unknown;
}

export const endpoint = <const R extends Route, S extends z.ZodType>(
  route: R,
  data: S,
  planned?: z.input<S>,
): Endpoint<R, S> => (planned === undefined ? { route, data } : { route, data, planned });

/** A route that takes a file beside its form. */
export interface UploadEndpoint<R extends Route = Route, S extends z.ZodType = z.ZodType> extends Endpoint<R, S> {
  readonly upload: true;
}

export const uploadEndpoint = <const R extends Route, S extends z.ZodType>(
  route: R,
  data: S,
): UploadEndpoint<R, S> => ({ route, data, upload: true });

/** What some answers carry beside their `data`. */
export interface Beside {
  /** Of task lists and logs: how many rows there are in all. */
  readonly total?: number;
  /** Of a node's network: what is staged, as a diff. */
  readonly changes?: string;
}

export interface Answer<T> extends Beside {
  readonly data: T;
}

/** An endpoint bound to a cluster: path values first, query or form second, a file third. */
export type Call<E> =
  E extends UploadEndpoint<infer R, infer S>
    ? (path: PathValues<R>, params?: Params, file?: UploadFile) => Promise<Answer<z.output<S>>>
    : E extends Endpoint<infer R, infer S>
      ? (path: PathValues<R>, params?: Params) => Promise<Answer<z.output<S>>>
      : never;

/** Endpoints, each bound to the one cluster. */
export type Bound<C extends Readonly<Record<string, Endpoint>>> = { readonly [K in keyof C]: Call<C[K]> };
