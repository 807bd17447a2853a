/** What is started by the request that makes it can fail to start, and the task says OK all the same. */
export const startNote = (kind: 'vm' | 'lxc') =>
  `A failed start is only a line in the task's log: proxmox-${kind}-info tells whether it runs.`;
