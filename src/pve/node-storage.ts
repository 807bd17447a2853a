import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { flag, number, text } from './loose.js';

/** A storage as a node has it. */
export const nodeStorage = z.object({
  storage: z.string(),
  type: z.string(),
  content: text.optional(),
  active: flag.optional(),
  shared: flag.optional(),
  /** Bytes. */
  avail: number.optional(),
});
export type NodeStorage = z.output<typeof nodeStorage>;

/** Storages that a node has and the token may see. */
export const nodeStorages = endpoint('GET /nodes/{node}/storage', z.array(nodeStorage));
