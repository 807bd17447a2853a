/** A host of an Ansible inventory. */
export interface Host {
  readonly name: string;
  readonly address: string;
}

/** What is the same for every host; each value was checked by the pattern of its argument. */
export interface Access {
  readonly group: string;
  readonly user: string;
  readonly keyFile?: string | undefined;
}

// Ansible reads brackets as ranges, `:` as a port, `=` as a variable; of a name from a guest only this is let through.
const safeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/;

/** A name that stands alone in an inventory: a guest's own where it can be used, else one made of its VMID. */
export function hostNames(
  guests: readonly { readonly vmid: number; readonly name?: string | undefined }[],
  group: string,
) {
  const taken = new Set([group.toLowerCase(), 'all', 'ungrouped', 'localhost']);
  return guests.map(({ vmid, name }) => {
    const usable = name !== undefined && safeName.test(name) ? name : `guest-${vmid}`;
    const free = taken.has(usable.toLowerCase()) ? `${usable}-${vmid}` : usable;
    taken.add(free.toLowerCase());
    return free;
  });
}

/** Quoted as INI lines of Ansible take it, split like a shell does. */
const quoted = (value: string) => `'${value}'`;

export function iniInventory(hosts: readonly Host[], { group, user, keyFile }: Access): string {
  const key = keyFile === undefined ? [] : [`ansible_ssh_private_key_file=${quoted(keyFile)}`];
  return [
    `[${group}]`,
    ...hosts.map(({ name, address }) => `${name} ansible_host=${address}`),
    '',
    `[${group}:vars]`,
    `ansible_user=${user}`,
    ...key,
    '',
  ].join('\n');
}

export function yamlInventory(hosts: readonly Host[], { group, user, keyFile }: Access): string {
  const key = keyFile === undefined ? [] : [`    ansible_ssh_private_key_file: ${JSON.stringify(keyFile)}`];
  return [
    `${group}:`,
    '  vars:',
    `    ansible_user: ${JSON.stringify(user)}`,
    ...key,
    hosts.length === 0 ? '  hosts: {}' : '  hosts:',
    ...hosts.map(({ name, address }) => `    ${JSON.stringify(name)}: {ansible_host: ${JSON.stringify(address)}}`),
    '',
  ].join('\n');
}
