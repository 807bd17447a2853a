import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { type Properties, parseProperties, propertyFlag } from './property-string.js';

/** A guest's configuration, with pending changes merged in unless `current` is asked for. */
export const guestConfig = endpoint('GET /nodes/{node}/{type}/{vmid}/config', z.record(z.string(), z.unknown()));
export type GuestConfig = Readonly<Record<string, unknown>>;

const word = z.string().optional();

/** A disk, CD drive or mount point, as its line in the configuration says. */
export const disk = z.object({
  /** `scsi0`, `rootfs`, `mp0`, `unused0`, ... */
  disk: z.string(),
  /** A volume, a path, or `none` for an empty drive. */
  volid: z.string(),
  storage: word,
  /** `32G` */
  size: word,
  media: word,
  /** Where a container mounts it. */
  mp: word,
  /** What else the line says. */
  options: word,
});
export type Disk = z.output<typeof disk>;

/** A network card; of a VM its addresses are those that cloud-init is told. */
export const nic = z.object({
  /** `net0` */
  nic: z.string(),
  model: word,
  /** Inside a container. */
  name: word,
  mac: word,
  bridge: word,
  tag: z.number().optional(),
  firewall: z.boolean().optional(),
  link_down: z.boolean().optional(),
  /** CIDR, `dhcp` or `manual`. */
  ip: word,
  gw: word,
  ip6: word,
  gw6: word,
});
export type Nic = z.output<typeof nic>;

export const isDiskKey = (key: string) =>
  /^(?:(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused|mp)\d+|rootfs)$/.test(key);

export const isNicKey = (key: string) => /^(?:net|ipconfig)\d+$/.test(key);

/** A value of a configuration as text; `undefined` where it is absent or no plain value. */
export function configText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

export function disksOf(config: GuestConfig): Disk[] {
  return lines(config, isDiskKey).map(([disk, line]) => {
    const parts = parseProperties(line, 'volume');
    const volid = parts.get('volume') ?? parts.get('file') ?? '';
    const named = new Set(['volume', 'file', 'size', 'media', 'mp']);
    const options = [...parts].filter(([key]) => !named.has(key)).map(([key, value]) => `${key}=${value}`);
    return {
      disk,
      volid,
      storage: /^([^/:]+):/.exec(volid)?.[1],
      size: parts.get('size'),
      media: parts.get('media'),
      mp: parts.get('mp'),
      options: options.length > 0 ? options.join(',') : undefined,
    };
  });
}

export function nicsOf(config: GuestConfig): Nic[] {
  return lines(config, (key) => /^net\d+$/.test(key)).map(([nic, line]) => {
    const parts = parseProperties(line, 'model');
    const cloudInit = parseProperties(configText(config[nic.replace('net', 'ipconfig')]) ?? '', 'ip');
    const tag = parts.get('tag');
    const address = (key: string) => parts.get(key) ?? cloudInit.get(key);
    return {
      nic,
      ...cardOf(parts),
      name: parts.get('name'),
      bridge: parts.get('bridge'),
      tag: tag === undefined ? undefined : Number(tag),
      firewall: propertyFlag(parts.get('firewall')),
      link_down: propertyFlag(parts.get('link_down')),
      ip: address('ip'),
      gw: address('gw'),
      ip6: address('ip6'),
      gw6: address('gw6'),
    };
  });
}

/** Whether the guest agent is switched on in a VM's configuration; whether it runs is another matter. */
export function agentEnabled(config: GuestConfig): boolean {
  return propertyFlag(parseProperties(configText(config.agent) ?? '', 'enabled').get('enabled')) === true;
}

const mac = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

/** `virtio=BC:24:11:00:00:01` is a model and its MAC; a container writes `hwaddr=`. */
function cardOf(parts: Properties): { model: string | undefined; mac: string | undefined } {
  const written = parts.get('hwaddr') ?? parts.get('macaddr');
  const pair = [...parts].find(([key, value]) => mac.test(value) && key !== 'hwaddr' && key !== 'macaddr');
  return { model: pair?.[0] ?? parts.get('model') ?? parts.get('type'), mac: written ?? pair?.[1] };
}

function lines(config: GuestConfig, wanted: (key: string) => boolean): [string, string][] {
  return Object.entries(config)
    .flatMap(([key, value]): [string, string][] => {
      const text = configText(value);
      return wanted(key) && text !== undefined ? [[key, text]] : [];
    })
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
}
