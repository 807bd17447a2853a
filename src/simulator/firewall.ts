import type { FirewallRule, FirewallState } from './configuration-state.js';
import { guestOn } from './guest.js';
import { parameterError } from './pve-error.js';
import type { Call } from './route.js';
import type { ClusterState, GuestType } from './state.js';

export type FirewallLevel = 'cluster' | 'node' | GuestType;

function stateAt(state: ClusterState, key: string): FirewallState {
  const known = state.configuration.firewall[key];
  if (known !== undefined) return known;
  const fresh: FirewallState = { rules: [], options: {}, aliases: [], ipsets: [] };
  state.configuration.firewall[key] = fresh;
  return fresh;
}

/** The firewall of the cluster, of the node or of the guest that a call names. */
export function firewallOf({ cluster, params }: Call, level: FirewallLevel): FirewallState {
  if (level === 'cluster') return stateAt(cluster.state, 'cluster');
  if (level === 'node') return stateAt(cluster.state, `node/${cluster.node(params.text('node')).node}`);
  const guest = guestOn(cluster, params.text('node'), level, params.integer('vmid'));
  return stateAt(cluster.state, `guest/${guest.vmid}`);
}

export const macros: Readonly<Record<string, string>> = {
  BGP: 'Border Gateway Protocol traffic',
  Ceph: 'Ceph Storage Cluster traffic (Ceph Monitors, OSD & MDS Daemons)',
  DHCPfwd: 'Forwarded DHCP traffic',
  DNS: 'Domain Name System traffic (upd and tcp)',
  FTP: 'File Transfer Protocol',
  HTTP: 'Hypertext Transfer Protocol (WWW)',
  'HTTP/3': 'Hypertext Transfer Protocol v3',
  HTTPS: 'Hypertext Transfer Protocol (WWW) over SSL',
  IMAPS: 'Internet Message Access Protocol over SSL',
  LDAP: 'Lightweight Directory Access Protocol traffic',
  MySQL: 'MySQL server',
  NFS: 'NFS traffic',
  NTP: 'Network Time Protocol (ntpd)',
  OpenVPN: 'OpenVPN traffic',
  PBS: 'Proxmox Backup Server',
  Ping: 'ICMP echo request',
  PostgreSQL: 'PostgreSQL server',
  RDP: 'Microsoft Remote Desktop Protocol traffic',
  SMB: 'Microsoft SMB traffic',
  SMTP: 'Simple Mail Transfer Protocol',
  SNMP: 'Simple Network Management Protocol',
  SSH: 'Secure shell traffic',
  Syslog: 'Syslog protocol (RFC 5424) traffic',
  Telnet: 'Telnet traffic',
  VNC: "VNC traffic for VNC display's 0 - 99",
  Web: 'WWW traffic (HTTP and HTTPS)',
};

function scopesOf(call: Call, own: FirewallState | undefined): FirewallState[] {
  const cluster = stateAt(call.cluster.state, 'cluster');
  return own === undefined || own === cluster ? [cluster] : [own, cluster];
}

/** An address may be a network, `+ipset` or an alias; the latter two must be there. */
function addressFault(text: string, scopes: readonly FirewallState[]): string | undefined {
  for (const part of text.split(',')) {
    const name = part.replace(
      /^\+?(dc|guest|sdn)\//,
      (_, scope: string) => (part.startsWith('+') ? `+` : '') + (scope === 'sdn' ? 'sdn/' : ''),
    );
    if (name.startsWith('+sdn/')) continue;
    if (name.startsWith('+')) {
      const known = scopes.some(({ ipsets }) => ipsets.some((set) => set.name === name.slice(1)));
      if (!known) return `no such ipset '${name.slice(1)}'`;
    } else if (/^[A-Za-z]/.test(name) && !/^[0-9a-fA-F:]*:[0-9a-fA-F:.]*/.test(name)) {
      const known = scopes.some(({ aliases }) =>
        aliases.some((alias) => alias.name.toLowerCase() === name.toLowerCase()),
      );
      if (!known) return `no such alias '${name}'`;
    }
  }
  return undefined;
}

const withPorts: readonly string[] = ['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'ipv6-icmp', '6', '17'];

function portFaults(rule: FirewallRule): Record<string, string> {
  if (rule.macro !== undefined || (rule.dport === undefined && rule.sport === undefined)) return {};
  if (rule.proto === undefined) return { proto: 'missing property' };
  if (withPorts.includes(String(rule.proto))) return {};
  return { [rule.dport === undefined ? 'sport' : 'dport']: `protocol '${rule.proto}' does not support ports` };
}

function actionFault(call: Call, rule: FirewallRule): string | undefined {
  const action = String(rule.action);
  if (rule.type !== 'group') {
    return ['ACCEPT', 'DROP', 'REJECT'].includes(action) ? undefined : `unknown action '${action}'`;
  }
  const groups = call.cluster.state.configuration.securityGroups;
  return groups.some((entry) => entry.group === action) ? undefined : `security group '${action}' does not exist`;
}

/** Throws the 400 for a rule that could not be loaded. */
export function requireGoodRule(call: Call, rule: FirewallRule, own: FirewallState | undefined): void {
  const scopes = scopesOf(call, own);
  const errors: Record<string, string | undefined> = {
    action: actionFault(call, rule),
    source: rule.source === undefined ? undefined : addressFault(String(rule.source), scopes),
    dest: rule.dest === undefined ? undefined : addressFault(String(rule.dest), scopes),
    macro:
      rule.macro === undefined || macros[String(rule.macro)] !== undefined
        ? undefined
        : `unknown macro '${rule.macro}'`,
    ...portFaults(rule),
  };
  const found = Object.entries(errors).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]));
  if (found.length > 0) throw parameterError(Object.fromEntries(found));
}
