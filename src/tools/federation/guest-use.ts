import { z } from 'zod';
import { attempt, inTurns } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { configText, type Disk, disksOf, type GuestConfig, guestConfig } from '../../pve/guest-config.js';
import { number } from '../../pve/loose.js';
import { toWord } from '../../pve/quoted.js';
import { clusterResources, type GuestResource } from '../../pve/resources.js';
import { settle } from '../../pve/settle.js';
import { storageContent } from '../../pve/storage.js';
import { awayOf, labelOf } from '../bulk/guest-filter.js';
import { bytesOf, isBind, isCdrom } from '../disks/guest-disk.js';
import type { SeenGuests } from '../guests/seen-guests.js';
import { memoryOf } from '../metrics/sized-guest.js';
import type { Measured, Use } from './bill.js';

const rate = number.nullish();

/** Of a month 9.x gives 1,440 moments with some twenty values each, for every guest: what is not needed is left unread. */
const rrdRows = z.array(z.object({ cpu: rate, maxcpu: rate, mem: rate }));

export const useCalls = {
  resources: clusterResources,
  config: guestConfig,
  content: storageContent,
  history: endpoint('GET /nodes/{node}/{type}/{vmid}/rrddata', rrdRows),
};

type Reads = { readonly [K in keyof typeof useCalls]: Call<(typeof useCalls)[K]> };

export interface GuestUse {
  readonly guest: GuestResource;
  readonly use: Use;
}

export interface Uses {
  readonly guests: readonly GuestUse[];
  /** Guests that could not be read, and why. */
  readonly unread: readonly string[];
  /** What of a guest is not known. */
  readonly unknown: readonly string[];
  /** Guests of which nothing was measured. */
  readonly unmeasured: readonly string[];
}

interface Configured {
  readonly guest: GuestResource;
  readonly config: GuestConfig;
  readonly disks: readonly Disk[];
}

/** What the guests take: as configured, and where a timeframe is given as measured over it. */
export async function readUses(
  seen: SeenGuests,
  call: Reads,
  timeframe: string | undefined,
  progress: Progress,
): Promise<Uses> {
  const asked = seen.guests.filter((guest) => awayOf(seen, guest) === undefined);
  const away = seen.guests.flatMap((guest) => {
    const reason = awayOf(seen, guest);
    return reason === undefined ? [] : [`${labelOf(guest)}: ${reason}`];
  });
  const told = counter(progress, timeframe === undefined ? asked.length : asked.length * 2);
  const { values, failed } = await settle(asked, (guest) =>
    told(call.config(guest, { current: true }), 'configurations read'),
  );
  const configured = values.map(({ key: guest, value: { data: config } }) => ({
    guest,
    config,
    disks: disksOf(config).filter((disk) => !isCdrom(disk) && !isBind(disk) && disk.storage !== undefined),
  }));
  const sizes = await readSizes(configured, call.content);
  const measured =
    timeframe === undefined
      ? undefined
      : await readMeasured(configured, (guest) =>
          told(call.history(guest, { timeframe, cf: 'AVERAGE' }), 'histories read'),
        );
  const unknown: string[] = [];
  const guests = configured.map((one) => {
    const use = useOf(one, sizes, (what) => unknown.push(`${labelOf(one.guest)}: ${what}`));
    const found = measured?.get(one.guest);
    return { guest: one.guest, use: typeof found === 'object' ? { ...use, measured: found } : use };
  });
  const unmeasured = [...(measured ?? [])].flatMap(([guest, found]) =>
    typeof found === 'string' ? [`${labelOf(guest)}: ${found}`] : [],
  );
  const unread = [...away, ...failed.map(({ key, reason }) => `${labelOf(key)}: node ${key.node} ${reason}`)];
  return { guests, unread, unknown, unmeasured };
}

const mib = 1024 ** 2;

type Progress = (done: number, total: number, message: string) => Promise<void>;

function counter(progress: Progress, total: number) {
  let done = 0;
  return async <T>(reading: Promise<T>, what: string): Promise<T> => {
    const value = await reading;
    done += 1;
    await progress(done, total, what);
    return value;
  };
}

function useOf(one: Configured, sizes: Sizes, unknown: (what: string) => void): Use {
  const vcpus = vcpusOf(one);
  if (vcpus === undefined) unknown('its vCPUs');
  const disks = disksBySize(one, sizes, ({ disk, volid }) => unknown(`the size of ${disk} (${toWord(volid)})`));
  return { vcpus: vcpus ?? 0, memory: memoryOf(one.config) * mib, disks, state: stateOf(one.guest) };
}

const stateOf = ({ template, status }: GuestResource): Use['state'] =>
  template ? 'template' : status === 'stopped' ? 'off' : 'on';

function positive(config: GuestConfig, key: string): number | undefined {
  const value = Number(configText(config[key]) ?? Number.NaN);
  return value > 0 ? value : undefined;
}

/** As Proxmox counts them (QemuServer.pm, LXC.pm: vmstatus), and no more than `cpulimit` lets the guest use. */
function vcpusOf({ guest, config }: Configured): number | undefined {
  const cores = positive(config, 'cores');
  const limit = positive(config, 'cpulimit') ?? Number.POSITIVE_INFINITY;
  if (guest.type === 'qemu')
    return Math.min(limit, positive(config, 'vcpus') ?? (positive(config, 'sockets') ?? 1) * (cores ?? 1));
  const given = Math.min(limit, cores ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(given) ? given : guest.maxcpu;
}

const placeOf = ({ node, type }: GuestResource, storage: string) => `${node}/${storage}/${type}`;

type Sizes = ReadonlyMap<string, number>;

/** The sizes of volumes whose lines do not tell one, as those of unused disks; looked up once for a node and a storage. */
async function readSizes(configured: readonly Configured[], list: Call<typeof storageContent>): Promise<Sizes> {
  const places = new Map<string, { node: string; storage: string; content: string }>();
  for (const { guest, disks } of configured)
    for (const { storage, size } of disks)
      if (storage !== undefined && bytesOf(size) === undefined) {
        const content = guest.type === 'qemu' ? 'images' : 'rootdir';
        places.set(placeOf(guest, storage), { node: guest.node, storage, content });
      }
  const lists = await inTurns([...places.values()], ({ node, storage, content }) =>
    attempt(list({ node, storage }, { content })),
  );
  const volumes = lists.flatMap((found) => ('error' in found ? [] : found.value.data));
  return new Map(volumes.flatMap(({ volid, size }): [string, number][] => (size === undefined ? [] : [[volid, size]])));
}

function disksBySize({ disks }: Configured, sizes: Sizes, unknown: (disk: Disk) => void): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const disk of disks) {
    const bytes = bytesOf(disk.size) ?? sizes.get(disk.volid);
    if (bytes === undefined || disk.storage === undefined) unknown(disk);
    else sum.set(disk.storage, (sum.get(disk.storage) ?? 0) + bytes);
  }
  return sum;
}

/** What was measured of each guest, or why nothing was; a template uses nothing. */
async function readMeasured(
  configured: readonly Configured[],
  history: (guest: GuestResource) => ReturnType<Reads['history']>,
): Promise<ReadonlyMap<GuestResource, Measured | string>> {
  const guests = configured.map(({ guest }) => guest).filter(({ template }) => !template);
  const found = await inTurns(guests, async (guest): Promise<[GuestResource, Measured | string]> => {
    const read = await attempt(history(guest));
    if ('error' in read) return [guest, `node ${guest.node} ${failureInWords(read.error)}`];
    return [guest, average(read.value.data) ?? 'nothing was recorded'];
  });
  return new Map(found);
}

/** Of a guest that is off Proxmox records the size alone (pvestatd), so that such a moment counts as no use. */
function average(rows: z.output<typeof rrdRows>): Measured | undefined {
  const moments = rows.flatMap(({ cpu, maxcpu, mem }) =>
    typeof maxcpu === 'number' ? [{ cores: (cpu ?? 0) * maxcpu, memory: mem ?? 0 }] : [],
  );
  if (moments.length === 0) return undefined;
  const mean = (pick: (one: { cores: number; memory: number }) => number) =>
    moments.reduce((sum, one) => sum + pick(one) / moments.length, 0);
  return { cores: mean(({ cores }) => cores), memory: mean(({ memory }) => memory), samples: moments.length };
}
