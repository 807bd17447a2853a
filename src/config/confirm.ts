import type { ClusterRegistryConfig } from './cluster-config.js';
import type { Environment } from './environment.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import { nearest } from './nearest.js';

const ways = ['argument', 'human', 'human-all'] as const;

/** `PROXMOX_CONFIRM`; what is faulty counts as the strictest way. */
export function readConfirm(environment: Environment, faults: FaultList): Pick<ClusterRegistryConfig, 'confirm'> {
  const written = environment.get('PROXMOX_CONFIRM');
  if (written === undefined) return {};
  return { confirm: faults.take('PROXMOX_CONFIRM', parseConfirm(written)) ?? 'human-all' };
}

function parseConfirm(text: string): Checked<(typeof ways)[number]> {
  const way = ways.find((known) => known === text.trim().toLowerCase());
  if (way !== undefined) return good(way);
  const meant = nearest(text.trim(), ways);
  return bad(`is ${quote(text)}: write ${ways.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`);
}
