import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { type Properties, parseProperties, propertyFlag } from './property-string.js';

/** A guest's configuration, with pending changes merged in unless `current` is asked for. */
export const guestConfig = endpoint('GET /nodes/{node}/{type}/{vmid}/config', z.record(z.string(), z.unknown()));
export type GuestConfig = Readonly<Record<string, unknown>>;

/** A disk, CD drive or mount point, as its line in the configuration says. */
export interface Disk {
  /** `scsi0`, `rootfs`, `mp0`, `unused0`, ... */
  readonly disk: string;
  /** A volume, a path, or `none` for an empty drive. */
  readonly volid: string;
  readonly storage?: string | undefined;
  /** `32G` */
  readonly size?: string | undefined;
  readonly media?: string | undefined;
  /** Where a container mounts it. */
  readonly mp?: string | undefined;
  /** What else the line says. */
  readonly options?: string | undefined;
}

/** A network card; of a VM its addresses are those that cloud-init is told. */
export interface Nic {
  /** `net0` */
  readonly nic: string;
  readonly model?: string | undefined;
  /** Inside a container. */
  readonly name?: string | undefined;
  readonly mac?: string | undefined;
  readonly bridge?: string | undefined;
  readonly tag?: number | undefined;
  readonly firewall?: boolean | undefined;
  readonly link_down?: boolean | undefined;
  /** CIDR, `dhcp` or `manual`. */
  readonly ip?: string | undefined;
  readonly gw?: string | undefined;
  readonly ip6?: string | undefined;
  readonly gw6?: string | undefined;
}

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
