import type { GuestResource } from '../../pve/resources.js';
import type { Mover } from './level.js';

/** What a guest takes of the node that it is on. */
export const moverOf = ({ vmid, node, mem = 0, maxmem = 0, cpu = 0, maxcpu = 0 }: GuestResource): Mover => ({
  vmid,
  node,
  mem,
  maxmem,
  busy: cpu * maxcpu,
  cores: maxcpu,
});
