import { z } from 'zod';
import { RequestError } from '../pve/errors.js';
import { failureInWords } from '../pve/failure.js';
import { nodeStorages } from '../pve/node-storage.js';
import { storageContent } from '../pve/storage.js';
import { chooseBridge, nodeBridges } from '../tools/guests/choose-bridge.js';
import { findVolume } from '../tools/guests/find-volume.js';
import { type Excluded, type Place, rank } from '../tools/placement/rank.js';
import { Refused } from '../tools/refused.js';
import { bindCalls } from './calls.js';
import type { Arguments } from './input.js';
import type { Choice, Placing, SeenCluster } from './place.js';

const mib = 1024 ** 2;
const gib = 1024 ** 3;
const silent = () => {};

/** What decides on a place, of the arguments of what makes a guest; left out, it is what those tools take. */
const newGuest = z.object({
  cores: z.number().default(2),
  sockets: z.number().default(1),
  memory_mb: z.number().optional(),
  disk_gb: z.number().default(20),
  rootfs_gb: z.number().default(8),
  storage: z.string().optional(),
  bridge: z.string().optional(),
  iso: z.string().optional(),
  import_from: z.string().optional(),
  ostemplate: z.string().optional(),
});
type NewGuest = z.output<typeof newGuest>;

const files = [
  { argument: 'iso', content: ['iso'] },
  { argument: 'import_from', content: ['import', 'images'] },
  { argument: 'ostemplate', content: ['vztmpl'] },
] as const;

/** Places for a guest that is made anew: with room, and with the image, the template and the bridge that are named. */
export async function placeOfNew(
  placing: Placing,
  { own, shared }: Arguments,
  seen: readonly SeenCluster[],
  _unseen: readonly Excluded[],
): Promise<Choice> {
  const asked = newGuest.parse(own);
  const kind = 'ostemplate' in placing.tool.input ? 'lxc' : 'vm';
  const sizes =
    kind === 'vm'
      ? { cores: asked.cores * asked.sockets, memory: (asked.memory_mb ?? 2048) * mib, disk: asked.disk_gb * gib }
      : { cores: asked.cores, memory: (asked.memory_mb ?? 1024) * mib, disk: asked.rootfs_gb * gib };
  const ranking = rank(
    seen.map(({ room }) => room),
    { kind, ...sizes, node: shared.node, storage: asked.storage },
  );
  return { ...ranking, refusal: (place) => missingAt(placing, place, asked, sizes.disk) };
}

/** What the call names and the node lacks. */
async function missingAt(
  { registry, signal }: Placing,
  { cluster, node, storage_left = 0 }: Place,
  asked: NewGuest,
  disk: number,
): Promise<string | undefined> {
  const calls = { storages: nodeStorages, content: storageContent, bridges: nodeBridges };
  const call = bindCalls(() => registry.getClient(cluster), calls, signal);
  try {
    if (asked.bridge !== undefined) await chooseBridge(call.bridges, { node, asked: asked.bridge }, silent);
    for (const { argument, content } of files) {
      const file = asked[argument];
      if (file === undefined) continue;
      const { size = 0 } = await findVolume(call, { node, argument, asked: file, content }, silent);
      if (argument === 'import_from' && size - disk > storage_left)
        return `its storage has no room for the ${Math.ceil(size / gib)} GiB of ${file}`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return `${error.message} (${error.next.replace(/\.$/, '')})`;
    if (error instanceof RequestError) return `it ${failureInWords(error)}`;
    throw error;
  }
}
