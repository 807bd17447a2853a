import { z } from 'zod';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { flag, text } from '../../pve/loose.js';
import type { Params } from '../../pve/params.js';
import type { Place } from './place.js';

// A node has neither aliases nor IP sets of its own; a security group uses those of the datacenter.

const comment = text.optional();
const digest = z.string().optional();

const aliases = z.array(z.object({ name: z.string(), cidr: z.string(), comment, digest }));
const ipsets = z.array(z.object({ name: z.string(), comment, digest }));
const entries = z.array(z.object({ cidr: z.string(), nomatch: flag.optional(), comment, digest }));

export const setReads = {
  aliasesOfCluster: endpoint('GET /cluster/firewall/aliases', aliases),
  aliasesOfGuest: endpoint('GET /nodes/{node}/{type}/{vmid}/firewall/aliases', aliases),
  ipsetsOfCluster: endpoint('GET /cluster/firewall/ipset', ipsets),
  ipsetsOfGuest: endpoint('GET /nodes/{node}/{type}/{vmid}/firewall/ipset', ipsets),
  entriesOfCluster: endpoint('GET /cluster/firewall/ipset/{name}', entries),
  entriesOfGuest: endpoint('GET /nodes/{node}/{type}/{vmid}/firewall/ipset/{name}', entries),
};
type Reads = Bound<typeof setReads>;

export const aliasWrites = {
  createInCluster: endpoint('POST /cluster/firewall/aliases', z.null()),
  createInGuest: endpoint('POST /nodes/{node}/{type}/{vmid}/firewall/aliases', z.null()),
  updateInCluster: endpoint('PUT /cluster/firewall/aliases/{name}', z.null()),
  updateInGuest: endpoint('PUT /nodes/{node}/{type}/{vmid}/firewall/aliases/{name}', z.null()),
};

export const ipsetWrites = {
  createInCluster: endpoint('POST /cluster/firewall/ipset', z.null()),
  createInGuest: endpoint('POST /nodes/{node}/{type}/{vmid}/firewall/ipset', z.null()),
  addToCluster: endpoint('POST /cluster/firewall/ipset/{name}', z.null()),
  addToGuest: endpoint('POST /nodes/{node}/{type}/{vmid}/firewall/ipset/{name}', z.null()),
  // {cidr} takes the rest of the path, slash and all (API2/Firewall/Cluster.pm, fragmentDelimiter).
  removeFromCluster: endpoint('DELETE /cluster/firewall/ipset/{name}/{cidr}', z.null()),
  removeFromGuest: endpoint('DELETE /nodes/{node}/{type}/{vmid}/firewall/ipset/{name}/{cidr}', z.null()),
};

export const setRemovals = {
  removeAliasOfCluster: endpoint('DELETE /cluster/firewall/aliases/{name}', z.null()),
  removeAliasOfGuest: endpoint('DELETE /nodes/{node}/{type}/{vmid}/firewall/aliases/{name}', z.null()),
  removeIpsetOfCluster: endpoint('DELETE /cluster/firewall/ipset/{name}', z.null()),
  removeIpsetOfGuest: endpoint('DELETE /nodes/{node}/{type}/{vmid}/firewall/ipset/{name}', z.null()),
};

export const readAliases = async (place: Place, call: Reads) =>
  (await (place.level === 'guest' ? call.aliasesOfGuest(place) : call.aliasesOfCluster({}))).data;

export const readIpsets = async (place: Place, call: Reads) =>
  (await (place.level === 'guest' ? call.ipsetsOfGuest(place) : call.ipsetsOfCluster({}))).data;

export const readEntries = async (place: Place, name: string, call: Reads) =>
  (await (place.level === 'guest' ? call.entriesOfGuest({ ...place, name }) : call.entriesOfCluster({ name }))).data;

export const createAlias = (place: Place, call: Bound<typeof aliasWrites>, alias: Params) =>
  place.level === 'guest' ? call.createInGuest(place, alias) : call.createInCluster({}, alias);

export const updateAlias = (place: Place, name: string, call: Bound<typeof aliasWrites>, alias: Params) =>
  place.level === 'guest' ? call.updateInGuest({ ...place, name }, alias) : call.updateInCluster({ name }, alias);

export const createIpset = (place: Place, call: Bound<typeof ipsetWrites>, set: Params) =>
  place.level === 'guest' ? call.createInGuest(place, set) : call.createInCluster({}, set);

export const addEntry = (place: Place, name: string, call: Bound<typeof ipsetWrites>, entry: Params) =>
  place.level === 'guest' ? call.addToGuest({ ...place, name }, entry) : call.addToCluster({ name }, entry);

export const removeEntry = (place: Place, name: string, cidr: string, call: Bound<typeof ipsetWrites>) =>
  place.level === 'guest' ? call.removeFromGuest({ ...place, name, cidr }) : call.removeFromCluster({ name, cidr });

export const removeAlias = (place: Place, name: string, call: Bound<typeof setRemovals>, params: Params) =>
  place.level === 'guest'
    ? call.removeAliasOfGuest({ ...place, name }, params)
    : call.removeAliasOfCluster({ name }, params);

export const removeIpset = (place: Place, name: string, call: Bound<typeof setRemovals>, params: Params) =>
  place.level === 'guest'
    ? call.removeIpsetOfGuest({ ...place, name }, params)
    : call.removeIpsetOfCluster({ name }, params);
