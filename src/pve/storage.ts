import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { flag, number, text } from './loose.js';

/** What a storage can hold, as `content=` takes it. */
export const contentTypes = ['images', 'rootdir', 'iso', 'vztmpl', 'backup', 'snippets', 'import'] as const;
export type ContentType = (typeof contentTypes)[number];

export const storageDefinition = z.object({
  storage: z.string(),
  type: z.string(),
  content: z.string().optional(),
  shared: flag.optional(),
  disable: flag.optional(),
  /** Comma-separated; all nodes when it is not there. */
  nodes: z.string().optional(),
});
export type StorageDefinition = z.output<typeof storageDefinition>;

/** The configuration, the same on all nodes; without what the token may neither audit nor allocate on. */
export const storageDefinitions = endpoint('GET /storage', z.array(storageDefinition));

export const volume = z.object({
  volid: z.string(),
  content: z.string().optional(),
  format: z.string().optional(),
  subtype: z.string().optional(),
  size: number.optional(),
  // Instead of `size` where a plugin cannot tell it exactly (pve-storage, Content.pm).
  'approximate-size': number.optional(),
  used: number.optional(),
  vmid: number.optional(),
  ctime: number.optional(),
  notes: text.optional(),
  protected: flag.optional(),
  verification: z.object({ state: z.string().optional() }).optional(),
});
export type Volume = z.output<typeof volume>;

/** Volumes that the token may not read are left out without a word. */
export const storageContent = endpoint('GET /nodes/{node}/storage/{storage}/content', z.array(volume));

export const splitList = (list: string | undefined): string[] => (list ?? '').split(/[,;\s]+/).filter(Boolean);
