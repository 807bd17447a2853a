import type { RemotePlace } from '../tools/define.js';

/** A property string of the format `proxmox-remote`: the token stands in it as it will be sent (pve-common, JSONSchema.pm). */
export function remoteEndpoint(
  { host, port, fingerprint }: RemotePlace,
  token: { readonly id: string; readonly secret: string },
): string {
  const pinned = fingerprint === undefined ? '' : `,fingerprint=${fingerprint}`;
  return `host=${host},port=${port},apitoken=PVEAPIToken=${token.id}=${token.secret}${pinned}`;
}
