import type { Cluster } from '../cluster.js';
import type { JsonObject } from '../json.js';
import { nodeSettings } from '../node-settings.js';
import { died } from '../pve-error.js';
import { type Call, Envelope } from '../route.js';
import { digestOfJson, requireDigest, settingsRow } from '../sections.js';
import type { Handler } from './declaration.js';
import { uploadedCertificate } from './node-certificate.js';

const yearSeconds = 31_536_000;

function settingsOfCall({ cluster, params }: Call) {
  return nodeSettings(cluster, params.text('node'));
}

function packages({ cluster }: Call): JsonObject[] {
  const nine = cluster.state.version === '9.2';
  const row = (Package: string, OldVersion: string, Version: string, Title: string) => ({
    Package,
    OldVersion,
    Version,
    Title,
    Arch: 'amd64',
    Description: `${Title}\n`,
    Origin: Package.startsWith('pve') ? 'Proxmox' : 'Debian',
    Priority: 'optional',
    Section: 'admin',
  });
  return [
    row('libssl3t64', nine ? '3.5.1-1' : '3.0.16-1', nine ? '3.5.4-1' : '3.0.17-1', 'Secure Sockets Layer toolkit'),
    row(
      'pve-manager',
      cluster.release.version,
      nine ? '9.2.4' : '8.4.9',
      'Proxmox Virtual Environment Management Tools',
    ),
  ];
}

function installed({ cluster }: Call): JsonObject[] {
  const { version, kernel, qemu, server } = cluster.release;
  const row = (Package: string, OldVersion: string) => ({
    Package,
    OldVersion,
    CurrentState: 'Installed',
    Arch: 'amd64',
    Origin: 'Proxmox',
  });
  return [
    { ...row('proxmox-ve', version), RunningKernel: kernel },
    { ...row('pve-manager', version), ManagerVersion: version },
    row('pve-qemu-kvm', qemu),
    row('qemu-server', server),
  ];
}

const refreshPackages: Handler = (call) => {
  const settings = settingsOfCall(call);
  return call.cluster.tasks.start({
    node: call.cluster.node(call.params.text('node')).node,
    type: 'aptupdate',
    user: call.caller.authid,
    duration: 4,
    log: ['starting apt-get update', 'Hit:1 http://deb.debian.org/debian InRelease', 'Reading package lists...'],
    finish: (endtime) => {
      settings.packagesRefreshed = endtime;
      return 'OK';
    },
  }).upid;
};

function certificates(call: Call): JsonObject[] {
  const { cluster, params } = call;
  const { customCertificate } = settingsOfCall(call);
  const { node, ip } = cluster.node(params.text('node'));
  const from = cluster.localNode.bootedAt - yearSeconds;
  const common = { 'public-key-type': 'rsaEncryption', 'public-key-bits': 2048, notbefore: from };
  const issuer = '/CN=Proxmox Virtual Environment/OU=1/O=PVE Cluster Manager CA';
  return [
    {
      ...common,
      filename: 'pve-root-ca.pem',
      fingerprint: cluster.authorityFingerprint,
      subject: issuer,
      issuer,
      san: [],
      notafter: from + 10 * yearSeconds,
    },
    {
      ...common,
      filename: 'pve-ssl.pem',
      fingerprint: cluster.fingerprint(),
      subject: `/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN=${node}.example.com`,
      issuer,
      san: ['127.0.0.1', '::1', 'localhost', ip, node, `${node}.example.com`],
      notafter: from + 2 * yearSeconds,
    },
    ...(customCertificate === undefined ? [] : [uploadedCertificate(customCertificate)]),
  ];
}

const changeDns: Handler = (call) => {
  const settings = settingsOfCall(call);
  const keys = ['search', 'dns1', 'dns2', 'dns3'].filter((key) => call.params.has(key));
  settings.dns = Object.fromEntries(keys.map((key) => [key, call.params.text(key)]));
  return null;
};

const changeHosts: Handler = (call) => {
  const settings = settingsOfCall(call);
  requireDigest(call, digestOfJson(settings.hosts));
  settings.hosts = call.params.text('data');
  return null;
};

function offsetOf(timezone: string, now: number): number {
  const text = new Date(now * 1000).toLocaleString('en-US', { timeZone: timezone, hourCycle: 'h23' });
  return Math.round((Date.parse(`${text} UTC`) / 1000 - now) / 60) * 60;
}

function time(call: Call) {
  const { timezone } = settingsOfCall(call);
  const { now } = call.cluster;
  return { timezone, time: now, localtime: now + offsetOf(timezone, now) };
}

const changeTime: Handler = (call) => {
  const timezone = call.params.text('timezone');
  if (!Intl.supportedValuesOf('timeZone').includes(timezone) && timezone !== 'UTC') {
    throw died(`invalid format - timezone '${timezone}' does not exist`);
  }
  settingsOfCall(call).timezone = timezone;
  return null;
};

function journalLines(cluster: Cluster, name: string): string[] {
  const { node } = cluster.node(name);
  const tasks = cluster.state.tasks.filter((task) => task.node === node).sort((a, b) => a.starttime - b.starttime);
  const stamp = (at: number) =>
    new Date(at * 1000).toUTCString().slice(8, 11) +
    new Date(at * 1000).toISOString().slice(7, 19).replace('-', ' ').replace('T', ' ');
  return tasks.map(
    (task) => `${stamp(task.starttime)} ${node} pvedaemon[1432]: <${task.user}> starting task ${task.upid}`,
  );
}

function journal({ cluster, params }: Call) {
  const lines = journalLines(cluster, params.text('node'));
  const last = params.optionalInteger('lastentries');
  return last === undefined ? lines : lines.slice(-last);
}

function syslog({ cluster, params }: Call) {
  const lines = journalLines(cluster, params.text('node'));
  const start = params.optionalInteger('start') ?? 0;
  const limit = params.optionalInteger('limit') ?? 50;
  const rows = lines.map((t, at) => ({ n: at + 1, t })).slice(start, start + limit);
  return new Envelope(rows, { total: lines.length });
}

function subscription(call: Call): JsonObject {
  const node = call.cluster.node(call.params.text('node'));
  const { subscriptionKey: key } = settingsOfCall(call);
  const serverid = digestOfJson(node.node).slice(0, 32).toUpperCase();
  const url = 'https://www.proxmox.com/en/proxmox-virtual-environment/pricing';
  if (node.level === '' && key === undefined) {
    return { status: 'notfound', message: 'There is no subscription key', serverid, url };
  }
  const level = node.level === '' ? 'c' : node.level;
  return { status: 'active', level, key: key ?? `pve1${level}-0123456789`, serverid, url, sockets: 1 };
}

function setKey(call: Call, key: string | undefined): null {
  settingsOfCall(call).subscriptionKey = key;
  call.cluster.node(call.params.text('node')).level = /^pve\d+([a-z])/.exec(key ?? '')?.[1] ?? '';
  return null;
}

const noCeph: Handler = () => {
  throw died('binary not installed: /usr/bin/ceph-mon');
};

export const nodeSystemHandlers: Readonly<Record<string, Handler>> = {
  'GET /nodes/{node}/apt/update': packages,
  'POST /nodes/{node}/apt/update': refreshPackages,
  'GET /nodes/{node}/apt/versions': installed,
  'GET /nodes/{node}/certificates/info': certificates,
  'GET /nodes/{node}/dns': (call) => settingsRow(settingsOfCall(call).dns),
  'PUT /nodes/{node}/dns': changeDns,
  'GET /nodes/{node}/hosts': (call) => {
    const { hosts } = settingsOfCall(call);
    return { data: hosts, digest: digestOfJson(hosts) };
  },
  'POST /nodes/{node}/hosts': changeHosts,
  'GET /nodes/{node}/time': time,
  'PUT /nodes/{node}/time': changeTime,
  'GET /nodes/{node}/journal': journal,
  'GET /nodes/{node}/syslog': syslog,
  'GET /nodes/{node}/subscription': subscription,
  'POST /nodes/{node}/subscription': () => null,
  'PUT /nodes/{node}/subscription': (call) => setKey(call, call.params.text('key')),
  'DELETE /nodes/{node}/subscription': (call) => setKey(call, undefined),
  'GET /nodes/{node}/ceph/status': noCeph,
  'GET /cluster/ceph/status': noCeph,
};
