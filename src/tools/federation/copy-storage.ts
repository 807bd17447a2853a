import { toWord } from '../../pve/quoted.js';
import { splitList } from '../../pve/storage.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { storageOptions } from '../storage/storage-options.js';
import { definitionFields, type Definition as StorageDefinition } from './compare-storage.js';
import type { Copying, CopySide, Definition } from './copy.js';
import { settingTexts } from './setting-text.js';

async function readStorage({ call }: CopySide, name: string): Promise<StorageDefinition | undefined> {
  return (await call.definitions({})).data.find(({ storage }) => storage === name);
}

/** What Proxmox keeps in files that its API does not read out. */
const keys = ['encryption-key', 'master-pubkey', 'keyring'];

/** Each node has its own of these. */
const local = new Set(['dir', 'lvm', 'lvmthin', 'zfspool']);

/** The definition of a storage; what is on it stays where it is. */
export const storageCopy: Definition<StorageDefinition> = {
  label: 'storage',
  unchangeable: 'Change it there with proxmox-update-storage, which tells whose disks that may take.',
  read: readStorage,
  fields: definitionFields,
  fit: async (found, copying, there) => {
    if (there !== undefined) return found;
    const known = storageOptions(found.type);
    if (known === undefined)
      throw new Refused(`a storage of type ${toWord(found.type)} is not made here`, 'Define it in the web interface.');
    requireNoKey(found, copying);
    requirePassword(found, copying);
    noteUse(found, copying);
    const options = settingTexts(found, ['storage', 'type', 'content', 'nodes', 'disable', 'shared', 'digest']);
    const shared = known.includes('shared') && found.shared !== undefined ? settingTexts(found, []).shared : undefined;
    for (const key of Object.keys(options).filter((one) => !known.includes(one)))
      copying.leaveOut(`${toWord(key)}: no option that can be set`);
    return {
      ...Object.fromEntries(Object.entries(options).filter(([key]) => known.includes(key))),
      ...(shared === undefined ? {} : { shared }),
      storage: found.storage,
      type: found.type,
      content: found.content,
      disable: found.disable,
      nodes: await fittingNodes(found, copying),
    };
  },
  write: async (wanted, { password, target: { call } }) => {
    const { storage, type, content, nodes, disable, ...options } = wanted;
    const rest = settingTexts({ ...options, nodes, disable }, []);
    await call.createStorage({}, { storage, type, content, ...rest, password });
  },
};

function requireNoKey(found: StorageDefinition, { target }: Copying): void {
  const key = keys.find((one) => found[one] !== undefined);
  const external = (found.type === 'rbd' || found.type === 'cephfs') && found.monhost !== undefined;
  if (key === undefined && !external) return;
  throw new Refused(
    `storage '${found.storage}' needs its ${key ?? 'keyring'}, which Proxmox does not read out`,
    `Define it on ${target.cluster} with proxmox-create-storage and that among its options.`,
  );
}

function requirePassword({ type, username }: StorageDefinition, { password }: Copying): void {
  const needed = type === 'pbs' || (type === 'cifs' && username !== undefined);
  if (needed === (password !== undefined)) return;
  const message = needed
    ? `a storage of type ${type} needs it, and Proxmox does not read it out`
    : `a storage of type ${type} takes none`;
  throw new InvalidInput({ argument: 'password', message });
}

/** What is dangerous, or goes wrong later, although Proxmox takes the definition. */
function noteUse({ storage, type, content }: StorageDefinition, { source, target, note }: Copying): void {
  if (local.has(type)) {
    note(
      `What it is on (path, volume group, pool) has to be there on each node of ${target.cluster}: only its use shows.`,
    );
    return;
  }
  const held = splitList(content).filter((one) => ['images', 'rootdir', 'backup'].includes(one));
  if (held.length > 0)
    note(
      `Both clusters then write ${held.join(', ')} to the same place of ${storage}: guests with the same VMID on ${source.cluster} and ${target.cluster} are taken for one.`,
    );
}

async function fittingNodes({ nodes }: StorageDefinition, { nodes: asked, source, target }: Copying) {
  if (asked === undefined && nodes === undefined) return undefined;
  const wanted = splitList(asked ?? String(nodes));
  const known = (await target.call.nodes({})).data.map(({ node }) => node).sort();
  const strange = wanted.filter((node) => !known.includes(node));
  if (strange.length === 0) return wanted.join(',');
  throw new InvalidInput({
    argument: 'nodes',
    message:
      asked === undefined
        ? `on ${source.cluster} it is only on ${nodes}: say on which of ${known.join(', ')} it is to be`
        : `${target.cluster} has no ${strange.join(', ')}; there are ${known.join(', ')}`,
  });
}
