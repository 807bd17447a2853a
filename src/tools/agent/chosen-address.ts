import type { GuestInterface } from '../../pve/guest-addresses.js';
import { canonicalIp } from '../../pve/ip-address.js';

/** The address by which a guest can be reached, and where it has it. */
export interface ChosenAddress {
  readonly address: string;
  readonly interface: string;
}

// What containers and tunnels inside a guest bring along: nobody outside reaches them.
const inner =
  /^(?:docker|br-|veth|virbr|vnet|cni|cali|cilium|lxc|lxd|flannel|kube-|nodelocaldns|podman|dummy|tun|tap|wg)/i;

const isLocal = (ip: string) => ip.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/i.test(ip) || ip.startsWith('127.');

interface Candidate extends ChosenAddress {
  readonly mac: string | undefined;
  readonly isV6: boolean;
}

function candidates(interfaces: readonly GuestInterface[], named: string | undefined): Candidate[] {
  return interfaces
    .filter(({ name }) => (named === undefined ? !inner.test(name) : name === named))
    .flatMap(({ name, mac, addresses }) =>
      addresses.flatMap((written) => {
        const [address = ''] = written.trim().split(/[/%]/);
        if (canonicalIp(address) === undefined || isLocal(address)) return [];
        return [{ address, interface: name, mac: mac?.toLowerCase(), isV6: address.includes(':') }];
      }),
    );
}

/**
 * The address of the preferred interface, else of the first network card, else the first there is; IPv4 before IPv6
 * among those of one interface. What is link-local, or belongs to containers inside the guest, is none.
 */
export function chooseAddress(
  interfaces: readonly GuestInterface[],
  wanted: { readonly interface?: string | undefined; readonly mac?: string | undefined },
): ChosenAddress | undefined {
  const mac = wanted.mac?.toLowerCase();
  const rank = (one: Candidate) => (mac !== undefined && one.mac === mac ? 0 : 2) + (one.isV6 ? 1 : 0);
  const [best] = candidates(interfaces, wanted.interface).toSorted((a, b) => rank(a) - rank(b));
  return best && { address: best.address, interface: best.interface };
}
