import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { type Disk, disksOf, type GuestConfig } from './guest-config.js';
import { number, text } from './loose.js';

/** What cloud-init is told, beside `ipconfig<n>`. */
const settingKeys = /^(?:ciuser|cipassword|sshkeys|citype|ciupgrade|cicustom|nameserver|searchdomain|ipconfig\d+)$/;
export const isCloudInitKey = (key: string) => settingKeys.test(key);

/** Whether a volume is a cloud-init drive, made or to be made: `store:vm-100-cloudinit`, `store:cloudinit`. */
export const isCloudInitVolume = (volid: string) => /[:/-]cloudinit(?:\.\w+)?$/.test(volid);

export const cloudInitDrive = (config: GuestConfig): Disk | undefined =>
  disksOf(config).find(({ volid }) => isCloudInitVolume(volid));

const row = z.object({
  key: z.string(),
  value: text.optional(),
  pending: text.optional(),
  delete: number.optional(),
  // So called by 7.4.
  old: text.optional(),
  new: text.optional(),
});

/** What the drive says, and what it will say when it is made again. */
export const cloudInitRows = endpoint(
  'GET /nodes/{node}/qemu/{vmid}/cloudinit',
  z.array(row).transform((rows) =>
    rows.map(({ key, value, pending, delete: gone, old, new: next }) => ({
      key,
      value: value ?? old,
      pending: pending ?? (old === next ? undefined : next),
      delete: gone,
    })),
  ),
);

/** Writes the drive anew; not known to 7.4. */
export const regenerateDrive = endpoint('PUT /nodes/{node}/qemu/{vmid}/cloudinit', z.null());

export const cloudInitDump = endpoint('GET /nodes/{node}/qemu/{vmid}/cloudinit/dump', z.string());

/** SSH keys as Proxmox wants them: percent-encoded before the form is (pve-common, pve_verify_urlencoded). */
export const encodeKeys = (keys: string) => encodeURIComponent(decodeKeys(keys).trim());

/** As people write them; what is not encoded stays as it is. */
export function decodeKeys(keys: string): string {
  if (/\s/.test(keys.trim()) || !/%[0-9A-Fa-f]{2}/.test(keys)) return keys;
  try {
    return decodeURIComponent(keys);
  } catch {
    return keys;
  }
}

const secretLine =
  /^([ \t]*(?:-[ \t]*|export[ \t]+)?["']?[\w.-]*(?:passw|secret|token|private|api_?key)[\w.-]*["']?\s*[:=][ \t]*)(?!\s*$)(.*)$/gim;
/** `chpasswd: list:` has a user and his password a line. */
const passwordList = /^([ \t]*)(list:).*(?:\n\1[ \t]+.*)*/gm;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;

/** What a guest is told, without its passwords and keys; a custom file may hold any. */
export const withoutSecrets = (dump: string) =>
  dump
    .replaceAll(privateKey, '[not shown]')
    .replaceAll(passwordList, '$1$2 [not shown]')
    .replaceAll(secretLine, '$1[not shown]');
