import type { SimulatedCluster } from '../../src/simulator/listen.js';
import { call, type Values } from './guest-calls.js';
import type { Answer } from './request.js';

interface EndpointParts {
  readonly host?: string;
  readonly port?: number;
  readonly token?: string;
  /** False leaves it out. */
  readonly fingerprint?: string | false;
}

/** The other cluster as `target-endpoint` names it: its first node, with its main token. */
export function endpointOf(target: SimulatedCluster, parts: EndpointParts = {}): string {
  const { host = '127.0.0.1', port = target.port } = parts;
  const token = parts.token ?? `${target.tokenId}=${target.tokenSecret}`;
  const fingerprint = parts.fingerprint ?? target.fingerprint ?? false;
  const last = fingerprint === false ? '' : `,fingerprint=${fingerprint}`;
  return `host=${host},port=${port},apitoken=PVEAPIToken=${token}${last}`;
}

/** Asks for a migration of `pve3/qemu/102`; storage and bridge keep their names unless values say otherwise. */
export function migrate(
  source: SimulatedCluster,
  target: SimulatedCluster,
  guest: string,
  values: Values = {},
): Promise<Answer> {
  return call(source, `POST /nodes/${guest}/remote_migrate`, {
    'target-endpoint': endpointOf(target),
    'target-storage': 'local-lvm',
    'target-bridge': 'vmbr0',
    ...values,
  });
}
