import { nodes, version } from '../../pve/discovery.js';
import type { Bound } from '../../pve/endpoint.js';
import { nodeVersion } from '../../pve/node-version.js';
import { settle } from '../../pve/settle.js';
import type { Seen } from './seen.js';

export const versionReads = { version, nodes, nodeVersion };

/** During an upgrade the nodes of a cluster differ. */
export async function seeVersions(call: Bound<typeof versionReads>): Promise<Seen> {
  const [{ data: answering }, { data: known }] = await Promise.all([call.version({}), call.nodes({})]);
  const { values, failed } = await settle(
    known.map(({ node }) => node),
    async (node) => (await call.nodeVersion({ node })).data.version,
  );
  const fields = { release: answering.release, nodes_run: values.map(({ value }) => value) };
  return {
    items: new Map([['Proxmox VE', fields]]),
    unread: failed.map(({ key, reason }) => `${key} ${reason}`),
  };
}
