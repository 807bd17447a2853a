import { nodeSettings } from '../node-settings.js';
import { parameterError } from '../pve-error.js';
import type { Call } from '../route.js';
import type { Handler } from './declaration.js';

const services: Readonly<Record<string, string>> = {
  chrony: 'chrony, an NTP client/server',
  corosync: 'Corosync Cluster Engine',
  cron: 'Regular background program processing daemon',
  ksmtuned: 'Kernel Samepage Merging (KSM) Tuning Daemon',
  postfix: 'Postfix Mail Transport Agent',
  'proxmox-firewall': 'Proxmox nftables firewall',
  'pve-cluster': 'The Proxmox VE cluster filesystem',
  'pve-firewall': 'Proxmox VE firewall',
  'pve-ha-crm': 'PVE Cluster HA Resource Manager Daemon',
  'pve-ha-lrm': 'PVE Local HA Resource Manager Daemon',
  pvedaemon: 'PVE API Daemon',
  'pvefw-logger': 'Proxmox VE firewall logger',
  pveproxy: 'PVE API Proxy Server',
  pvescheduler: 'Proxmox VE scheduler',
  pvestatd: 'PVE Status Daemon',
  qmeventd: 'PVE Qemu Event Daemon',
  spiceproxy: 'PVE SPICE Proxy Server',
  sshd: 'OpenBSD Secure Shell server',
  syslog: 'System Logging Service',
  'systemd-journald': 'Journal Service',
  'systemd-timesyncd': 'Network Time Synchronization',
};

const essential: readonly string[] = ['pveproxy', 'pvedaemon', 'pve-cluster'];
const absent: readonly string[] = ['syslog', 'systemd-timesyncd'];

function rowOf(call: Call, service: string) {
  const { stopped } = nodeSettings(call.cluster, call.params.text('node'));
  const missing = absent.includes(service);
  const running = !missing && !stopped.includes(service);
  return {
    service,
    name: service,
    desc: services[service] ?? service,
    state: running ? 'running' : 'dead',
    'active-state': running ? 'active' : 'inactive',
    'unit-state': missing ? 'not-found' : 'enabled',
  };
}

type Verb = 'start' | 'stop' | 'restart' | 'reload';

function action(verb: Verb): Handler {
  return (call) => {
    const { cluster, caller, params } = call;
    const service = params.text('service');
    const { node } = cluster.node(params.text('node'));
    const settings = nodeSettings(cluster, node);
    if (verb === 'stop' && essential.includes(service)) {
      throw parameterError({ service: `Unable to stop essential service '${service}', use 'restart' instead` });
    }
    return cluster.tasks.start({
      node,
      type: `srv${verb}`,
      id: service,
      user: caller.authid,
      duration: 1,
      log: [],
      finish: () => {
        if (absent.includes(service)) return `command 'systemctl ${verb} ${service}' failed: exit code 5`;
        settings.stopped = settings.stopped.filter((name) => name !== service);
        if (verb === 'stop') settings.stopped.push(service);
        return 'OK';
      },
    }).upid;
  };
}

const path = '/nodes/{node}/services';

export const nodeServiceHandlers: Readonly<Record<string, Handler>> = {
  [`GET ${path}`]: (call) => {
    nodeSettings(call.cluster, call.params.text('node'));
    return Object.keys(services).map((service) => rowOf(call, service));
  },
  [`GET ${path}/{service}/state`]: (call) => rowOf(call, call.params.text('service')),
  [`POST ${path}/{service}/start`]: action('start'),
  [`POST ${path}/{service}/stop`]: action('stop'),
  [`POST ${path}/{service}/restart`]: action('restart'),
  [`POST ${path}/{service}/reload`]: action('reload'),
};
