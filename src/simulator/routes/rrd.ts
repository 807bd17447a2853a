import { guestOn, maxCpu, maxDisk, maxMemory } from '../guest.js';
import type { JsonObject } from '../json.js';
import { usageOf } from '../node-statistics.js';
import { hashOf } from '../random.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType, PveVersion } from '../state.js';
import { storageOn, usedOn } from '../storage.js';
import { node, nodeAudit, storage, storageView, vmAudit, vmid } from './common-parameters.js';

interface Archive {
  readonly points: number;
  /** Seconds. */
  readonly step: number;
}

const archives: Readonly<Record<PveVersion, Readonly<Record<string, Archive>>>> = {
  '8.4': {
    hour: { points: 60, step: 60 },
    day: { points: 70, step: 1_800 },
    week: { points: 70, step: 10_800 },
    month: { points: 70, step: 43_200 },
    year: { points: 70, step: 604_800 },
  },
  '9.2': {
    hour: { points: 60, step: 60 },
    day: { points: 1_440, step: 60 },
    week: { points: 336, step: 1_800 },
    month: { points: 1_440, step: 1_800 },
    year: { points: 1_440, step: 21_600 },
    decade: { points: 570, step: 604_800 },
  },
};

/** 0..1, always the same for one series and time. */
function noise(series: string, time: number): number {
  return (hashOf(`${series}/${time}`) % 10_000) / 10_000;
}

type Sample = (time: number, wobble: (key: string) => number) => JsonObject;

/** The points of one archive; one in a hundred is a gap and has its time only. */
function points(call: Call, series: string, sample: Sample, hasDataSince: number) {
  const { version } = call.cluster.state;
  const archive = archives[version][call.params.text('timeframe')] ?? { points: 60, step: 60 };
  const peak = call.params.optionalText('cf') === 'MAX' ? 1.25 : 1;
  const last = call.cluster.now - (call.cluster.now % archive.step);
  return Array.from({ length: archive.points }, (_, at) => {
    const time = last - (archive.points - 1 - at) * archive.step;
    if (time < hasDataSince || noise(series, time) > 0.99) return { time };
    const wobble = (key: string) => peak * (0.7 + 0.6 * noise(`${series} ${key}`, time));
    return { time, ...sample(time, wobble) };
  });
}

function pressure(wobble: (key: string) => number): JsonObject {
  return {
    pressurecpusome: 0.4 * wobble('pcs'),
    pressurecpufull: 0,
    pressureiosome: 0.2 * wobble('pis'),
    pressureiofull: 0.1 * wobble('pif'),
    pressurememorysome: 0,
    pressurememoryfull: 0,
  };
}

function nodeRrd(call: Call) {
  const entry = call.cluster.node(call.params.text('node'));
  const modern = call.cluster.state.version === '9.2';
  const { cpu, memory } = usageOf(call.cluster, entry);
  const sample: Sample = (_time, wobble) => ({
    cpu: Math.min(1, cpu * wobble('cpu')),
    maxcpu: entry.cpus,
    iowait: 0.002 * wobble('iowait'),
    loadavg: cpu * entry.cpus * wobble('cpu'),
    memtotal: entry.memory,
    memused: Math.min(entry.memory, memory * wobble('mem')),
    swaptotal: 8_589_930_496,
    swapused: 0,
    roottotal: entry.rootDisk,
    rootused: entry.rootUsed,
    netin: 180_000 * wobble('netin'),
    netout: 150_000 * wobble('netout'),
    ...(modern ? { memavailable: entry.memory - memory, arcsize: 0, ...pressure(wobble) } : {}),
  });
  return points(call, `node ${entry.node}`, sample, entry.bootedAt - 86_400 * 400);
}

function guestSample(guest: GuestState, modern: boolean): Sample {
  const { load } = guest;
  const sizes = { maxcpu: maxCpu(guest), maxmem: maxMemory(guest), maxdisk: maxDisk(guest) };
  if (guest.status !== 'running') return () => sizes;
  return (_time, wobble) => ({
    ...sizes,
    cpu: Math.min(1, load.cpu * wobble('cpu')),
    mem: Math.min(sizes.maxmem, load.memory * wobble('mem')),
    disk: load.disk,
    // per second here, while the status calls count bytes
    netin: load.netin * wobble('netin'),
    netout: load.netout * wobble('netout'),
    diskread: load.diskread * wobble('diskread'),
    diskwrite: load.diskwrite * wobble('diskwrite'),
    ...(modern ? { memhost: load.memory * 1.06 * wobble('mem'), ...pressure(wobble) } : {}),
  });
}

function guestRrd(type: GuestType) {
  return (call: Call) => {
    const { cluster, params } = call;
    const guest = guestOn(cluster, params.text('node'), type, params.integer('vmid'));
    const sample = guestSample(guest, cluster.state.version === '9.2');
    return points(call, `guest ${guest.vmid}`, sample, (guest.createdAt ?? 0) / 1000);
  };
}

function storageRrd(call: Call) {
  const { node: on } = call.cluster.node(call.params.text('node'));
  const entry = storageOn(call.cluster, call.params.text('storage'), on);
  const total = entry.total;
  const used = usedOn(entry, on);
  const sample: Sample = (_time, wobble) => ({
    total,
    used: Math.min(total, Math.floor(used * (0.95 + wobble('used') / 20))),
  });
  return points(call, `storage ${entry.storage}`, sample, 0);
}

const frames = ['hour', 'day', 'week', 'month', 'year'];
const timeframe = { type: 'string', enum: frames } as const;
const cf = { type: 'string', optional: true, enum: ['AVERAGE', 'MAX'] } as const;

export const rrdRoutes: readonly Route[] = [
  {
    route: 'GET /nodes/{node}/rrddata',
    params: { node, cf, timeframe: { type: 'string', enum: { '8.4': frames, '9.2': [...frames, 'decade'] } } },
    permission: nodeAudit,
    proxied: false,
    handler: nodeRrd,
  },
  {
    route: 'GET /nodes/{node}/qemu/{vmid}/rrddata',
    params: { node, vmid, cf, timeframe },
    permission: vmAudit,
    proxied: false,
    handler: guestRrd('qemu'),
  },
  {
    route: 'GET /nodes/{node}/lxc/{vmid}/rrddata',
    params: { node, vmid, cf, timeframe },
    permission: vmAudit,
    proxied: false,
    handler: guestRrd('lxc'),
  },
  {
    route: 'GET /nodes/{node}/storage/{storage}/rrddata',
    params: { node, storage, cf, timeframe },
    permission: storageView,
    handler: storageRrd,
  },
];
