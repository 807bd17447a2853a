import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { configText, type GuestConfig, guestConfig } from '../../pve/guest-config.js';
import { parseProperties } from '../../pve/property-string.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { rrdRows } from './history.js';
import { readSamples, type Sample } from './series.js';
import { type Advice, adviseCores, adviseMemory, type Measurement, unknown } from './sizing.js';
import { frameOf } from './time-range.js';

export const sizingCalls = {
  config: guestConfig,
  history: endpoint('GET /nodes/{node}/{type}/{vmid}/rrddata', rrdRows),
};

type Reads = { readonly [K in keyof typeof sizingCalls]: Call<(typeof sizingCalls)[K]> };

const numberOf = (config: GuestConfig, key: string): number | undefined => {
  const value = Number(configText(config[key]) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
};

/** `memory` is a property string since 8.0: `current=2048`, or the number alone. */
export function memoryOf(config: GuestConfig): number {
  const written = parseProperties(configText(config.memory) ?? '512', 'current').get('current');
  return Number(written ?? 512);
}

const mib = 1024 ** 2;

/** What was used at each moment, whatever the size was then. */
function used(samples: readonly Sample[], resource: 'cpu' | 'memory'): number[] {
  return samples.flatMap(({ values }) => {
    const [cpu, maxcpu, mem] = [values.get('cpu'), values.get('maxcpu'), values.get('mem')];
    if (resource === 'memory') return mem === undefined ? [] : [mem / mib];
    return cpu === undefined || maxcpu === undefined ? [] : [cpu * maxcpu];
  });
}

interface History {
  readonly averages: readonly Sample[];
  readonly peaks: readonly Sample[];
}

const measurement = ({ averages, peaks }: History, resource: 'cpu' | 'memory', size: number): Measurement => ({
  averages: used(averages, resource),
  peaks: used(peaks, resource),
  moments: averages.length,
  size,
});

/** Advice of cores in a socket for a VM, of cores for a container. */
function cpuAdvice(type: 'qemu' | 'lxc', config: GuestConfig, history: History): Advice {
  const cores = numberOf(config, 'cores');
  const sockets = type === 'qemu' ? (numberOf(config, 'sockets') ?? 1) : 1;
  if (type === 'lxc' && cores === undefined) return unknown(0, 'it has no limit: cores is not set');
  const total = (cores ?? 1) * sockets;
  if ((numberOf(config, 'cpulimit') ?? 0) > 0)
    return unknown(cores ?? 1, 'cpulimit is set, which cores would not tell');
  if (config.vcpus !== undefined) return unknown(cores ?? 1, 'vcpus is set, which cores would not tell');
  const advice = adviseCores(measurement(history, 'cpu', total));
  const each = Math.ceil(advice.recommended / sockets);
  const same = each === (cores ?? 1);
  return {
    ...advice,
    action: same && advice.action !== 'unknown' ? 'keep' : advice.action,
    current: cores ?? 1,
    recommended: each,
    reason: sockets > 1 ? `${advice.reason}; in ${sockets} sockets` : advice.reason,
  };
}

function memoryAdvice(type: 'qemu' | 'lxc', config: GuestConfig, history: History): Advice {
  const size = memoryOf(config);
  if (config.hugepages !== undefined) return unknown(size, 'hugepages is set, whose sizes are not free');
  const balloon = numberOf(config, 'balloon');
  // Without the balloon device Proxmox sees what the VM's process holds, not what its programs use.
  if (type === 'qemu' && balloon === 0) return unknown(size, 'ballooning is off, so what it uses inside is not seen');
  const advice = adviseMemory(
    measurement(history, 'memory', size),
    Math.max(type === 'qemu' ? 512 : 128, balloon ?? 0),
  );
  return advice;
}

const keys = ['cores', 'sockets', 'memory'] as const;

export interface Sized {
  readonly cpu: Advice;
  readonly memory: Advice;
  /** Only what is to be another. */
  readonly change: { readonly cores?: number; readonly memory?: number };
  readonly digest: string | undefined;
}

/** What a guest has, what it used, and what it should have. */
export async function sizeUp(target: GuestTarget, range: '24h' | '7d' | '30d', call: Reads): Promise<Sized> {
  if (target.template) throw new Refused(`guest ${target.vmid} is a template`, 'Ask for a guest that runs.');
  const query = (cf: string) => ({ timeframe: frameOf(range), cf });
  const [current, next, averages, peaks] = await Promise.all([
    call.config(target, { current: true }),
    call.config(target),
    call.history(target, query('AVERAGE')),
    call.history(target, query('MAX')),
  ]);
  const waiting = keys.find((key) => configText(current.data[key]) !== configText(next.data[key]));
  if (waiting !== undefined)
    throw new Refused(
      `a change of ${waiting} waits for a restart already`,
      'Restart the guest or revert the change, and let it run for a while: what it has now is not what it will have.',
    );
  const history = { averages: readSamples(averages.data), peaks: readSamples(peaks.data) };
  const [cpu, memory] = [cpuAdvice(target.type, next.data, history), memoryAdvice(target.type, next.data, history)];
  const differs = ({ action }: Advice) => action === 'grow' || action === 'shrink';
  return {
    cpu,
    memory,
    change: {
      ...(differs(cpu) ? { cores: cpu.recommended } : {}),
      ...(differs(memory) ? { memory: memory.recommended } : {}),
    },
    digest: configText(next.data.digest),
  };
}
