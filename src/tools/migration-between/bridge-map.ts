import type { Nic } from '../../pve/guest-config.js';
import { toWord, toWords } from '../../pve/quoted.js';
import type { Finding, Findings } from './finding.js';
import { type IdMap, mapped } from './id-map.js';

/** A bridge or vnet as the target node has it. */
export interface TargetBridge {
  readonly iface: string;
  readonly active: boolean;
  /** Absent where there is no such switch, as with Open vSwitch, which takes any tag. */
  readonly vlanAware?: boolean | undefined;
}

export interface BridgeMove {
  readonly source: string;
  readonly target: string;
  readonly reason: string;
}

export interface BridgePlan extends Findings {
  readonly map: readonly BridgeMove[];
}

export interface BridgeWish {
  readonly node: string;
  readonly nics: readonly Nic[];
  readonly targets: readonly TargetBridge[];
  readonly asked: IdMap;
  readonly preferred?: string | undefined;
}

/** Where the network cards of each bridge go: as asked, else to the bridge of that name, the default one, or the only one. */
export function planBridges(wish: BridgeWish): BridgePlan {
  const map: BridgeMove[] = [];
  const stops: Finding[] = [];
  const warnings: Finding[] = [];
  const used = [...new Set(wish.nics.flatMap(({ bridge }) => bridge ?? []))].sort();
  for (const source of used) {
    const own = wish.nics.filter(({ bridge }) => bridge === source);
    const tagged = own.some(({ tag }) => tag !== undefined);
    const chosen = choose(source, tagged, wish);
    if ('code' in chosen) {
      stops.push(chosen);
      continue;
    }
    const { target, reason } = chosen;
    map.push({ source, target: target.iface, reason });
    if (tagged && target.vlanAware === false)
      warnings.push({
        code: 'vlan',
        message: `${own.map(({ nic }) => nic).join(', ')} has a VLAN tag, and '${target.iface}' is not VLAN aware`,
        fix: 'See that the VLAN reaches that bridge.',
      });
    if (!target.active)
      warnings.push({ code: 'bridge_down', message: `bridge '${target.iface}' of node '${wish.node}' is not up` });
  }
  return { map, stops, warnings };
}

function choose(
  source: string,
  tagged: boolean,
  { node, targets, asked, preferred }: BridgeWish,
): { target: TargetBridge; reason: string } | Finding {
  const wanted = mapped(asked, source);
  const named = (name: string | undefined) => targets.find(({ iface }) => iface === name);
  const names = targets.map(({ iface }) => iface).sort();
  const known = names.length > 0 ? `there are ${toWords(names)}` : 'the token sees none: it needs SDN.Use';
  if (wanted !== undefined) {
    const target = named(wanted);
    if (target !== undefined) return { target, reason: 'as asked' };
    return stop(`node '${node}' has no bridge '${wanted}'; ${known}`, source);
  }
  const same = named(source);
  const fallback = named(preferred);
  if (same !== undefined) return { target: same, reason: 'same name' };
  if (fallback !== undefined) return { target: fallback, reason: "the cluster's default bridge" };
  const fitting = tagged ? targets.filter(({ vlanAware }) => vlanAware !== false) : targets;
  const [only, ...others] = fitting.length > 0 ? fitting : targets;
  if (only !== undefined && others.length === 0)
    return { target: only, reason: tagged ? 'the only one that fits its VLAN' : 'the only one' };
  return stop(`node '${node}' has no bridge '${toWord(source)}'; ${known}`, source);
}

const stop = (message: string, source: string): Finding => ({
  code: 'bridge',
  message,
  fix: `Name one in bridge_map: '${toWord(source)}:other'.`,
});
