import type { GuestTarget } from '../scope.js';

/** A guest as the HA manager calls it: `vm:100`, `ct:101`. */
export const sidOf = ({ type, vmid }: Pick<GuestTarget, 'type' | 'vmid'>) => `${type === 'lxc' ? 'ct' : 'vm'}:${vmid}`;

/** The VMID in `vm:100`; `undefined` for a resource that is no guest. */
export function vmidOf(sid: string): number | undefined {
  const digits = /^(?:vm|ct):(\d+)$/.exec(sid)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
