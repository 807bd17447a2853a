import type { StorageResource } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';

/** What a storage must hold for a guest's disks. */
export const diskContent = ({ type }: GuestTarget) => (type === 'qemu' ? 'images' : 'rootdir');

/** @throws {Refused} where the storage is not there for the guest's node, or holds no disks */
export function checkStorage(target: GuestTarget, storages: readonly StorageResource[], storage: string): void {
  const content = diskContent(target);
  const here = storages.filter(({ node }) => node === target.node);
  const fitting = here.filter((row) => splitList(row.content).includes(content)).map((row) => row.storage);
  if (fitting.includes(storage)) return;
  const known = here.some((row) => row.storage === storage);
  throw new Refused(
    known
      ? `storage ${storage} holds no ${content}`
      : `node ${target.node} has no storage ${storage}, as far as the token may see`,
    `With ${content} it has ${fitting.sort().join(', ') || 'none'}.`,
  );
}

const isAvailable = ({ status }: StorageResource) => status === undefined || status === 'available';

/** The named storage, the default one if it is there and holds disks, or the only one of the node that does. */
export function chooseStorage(
  target: GuestTarget,
  storages: readonly StorageResource[],
  named: string | undefined,
  preset: string | undefined,
  note: (text: string) => void,
): string {
  const content = diskContent(target);
  const fitting = storages
    .filter((row) => row.node === target.node && splitList(row.content).includes(content) && isAvailable(row))
    .map((row) => row.storage)
    .sort();
  const only = fitting.length === 1 ? fitting[0] : undefined;
  const set = fitting.find((one) => one === preset);
  const passed = preset === undefined || set !== undefined ? '' : `; the default ${preset} does not fit`;
  const storage = named ?? set ?? only;
  if (storage === undefined)
    throw new Refused(
      `no storage was named${passed}`,
      `Name one of ${fitting.join(', ') || 'none that the token may see'}.`,
    );
  checkStorage(target, storages, storage);
  if (named === undefined)
    note(`Storage: ${storage}, ${set === undefined ? `the only one for disks${passed}` : 'the default'}.`);
  return storage;
}
