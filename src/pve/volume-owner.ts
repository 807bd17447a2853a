/** Whose a volume is by its name: that of the file, and of its folder where that is a number. */
export function ownersOf(volume: string): number[] {
  const name = volume.replace(/^[^/:]+:/, '');
  if (/^(?:iso|vztmpl|snippets|import)\//.test(name)) return [];
  const parts = name.split('/');
  const file = parts.at(-1) ?? '';
  const folder = parts.at(-2) ?? '';
  const backup = /^vzdump-(?:qemu|lxc|openvz)-(\d+)-/.exec(file)?.[1];
  const onBackupServer = /^backup\/(?:vm|ct|host)\/(\d+)\//.exec(name)?.[1];
  const image = /^(?:vm|base|subvol|basevol)-(\d+)-/.exec(file)?.[1];
  const owners = [backup, onBackupServer, image, /^\d+$/.test(folder) ? folder : undefined];
  return [...new Set(owners.flatMap((owner) => (owner === undefined ? [] : [Number(owner)])))];
}
