/** What the files of /etc/pve and of the nodes say beside guests, storages and users. */

export type SettingValue = string | number | readonly string[];
export type Settings = Record<string, SettingValue>;

/** One section of a configuration file. */
export interface Section {
  id: string;
  settings: Settings;
}

export interface FirewallRule {
  [key: string]: SettingValue;
}

export interface IpSet {
  name: string;
  comment?: string | undefined;
  entries: IpSetEntry[];
}

export interface IpSetEntry {
  cidr: string;
  nomatch: boolean;
  comment?: string | undefined;
}

export interface FirewallAlias {
  name: string;
  cidr: string;
  comment?: string | undefined;
}

export interface FirewallState {
  rules: FirewallRule[];
  options: Settings;
  aliases: FirewallAlias[];
  ipsets: IpSet[];
}

export interface SecurityGroup {
  group: string;
  comment?: string | undefined;
  rules: FirewallRule[];
}

export interface SdnObjects {
  zones: Section[];
  vnets: Section[];
  subnets: Section[];
}

export interface ReplicationRun {
  lastSync: number;
  nextSync: number;
  duration: number;
  failCount: number;
  error?: string | undefined;
  log: string[];
}

export interface NodeSettings {
  dns: Settings;
  hosts: string;
  timezone: string;
  /** PEM of the certificate that was uploaded in place of the cluster's own. */
  customCertificate?: string | undefined;
  /** What stands in the node's own options: ACME, wake-on-LAN, ... */
  options: Settings;
  /** Services that do not run though they usually do. */
  stopped: string[];
  subscriptionKey?: string | undefined;
  /** Seconds since 1970, of the last refresh of the package lists. */
  packagesRefreshed: number;
}

export interface ConfigurationState {
  haGroups: Section[];
  haRules: Section[];
  haDisarmed?: string | undefined;
  replication: Section[];
  replicationRuns: Record<string, ReplicationRun>;
  pciMappings: Section[];
  usbMappings: Section[];
  metricServers: Section[];
  /** CPU models made by an administrator, by their name without `custom-`. */
  cpuModels: Section[];
  notificationEndpoints: Section[];
  notificationMatchers: Section[];
  /** Keys: `cluster`, `node/pve1`, `guest/100`. */
  firewall: Record<string, FirewallState>;
  securityGroups: SecurityGroup[];
  sdn: { written: SdnObjects; running: SdnObjects; lock?: string | undefined };
  nodes: Record<string, NodeSettings>;
}

export function freshConfiguration(): ConfigurationState {
  const settings = { mode: 'all', target: ['mail-to-root'], comment: 'Route all notifications to mail-to-root' };
  return {
    haGroups: [],
    haRules: [],
    replication: [],
    replicationRuns: {},
    pciMappings: [],
    usbMappings: [],
    metricServers: [],
    cpuModels: [],
    notificationEndpoints: [
      {
        id: 'mail-to-root',
        settings: { type: 'sendmail', 'mailto-user': ['root@pam'], comment: "Send mails to root@pam's email address" },
      },
    ],
    notificationMatchers: [{ id: 'default-matcher', settings }],
    firewall: {},
    securityGroups: [],
    sdn: { written: { zones: [], vnets: [], subnets: [] }, running: { zones: [], vnets: [], subnets: [] } },
    nodes: {},
  };
}
