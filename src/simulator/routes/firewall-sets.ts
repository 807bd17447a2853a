import type { FirewallAlias, FirewallState, IpSet, IpSetEntry } from '../configuration-state.js';
import { died, parameterError } from '../pve-error.js';
import type { Call } from '../route.js';
import { digestOfJson, requireDigest } from '../sections.js';
import type { Handler } from './declaration.js';

type FirewallOf = (call: Call) => FirewallState;

/** Names of aliases are kept as they are written and compared without case (PVE/Firewall.pm, resolve_alias). */
const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

function aliasNamed(firewall: FirewallState, call: Call): FirewallAlias {
  const alias = firewall.aliases.find((entry) => isSame(entry.name, call.params.text('name')));
  if (alias === undefined) throw parameterError({ name: 'no such alias' });
  return alias;
}

function aliasRow(firewall: FirewallState, alias: FirewallAlias) {
  return { ...alias, ipversion: alias.cidr.includes(':') ? 6 : 4, digest: digestOfJson(firewall.aliases) };
}

function updateAlias(firewall: FirewallState, call: Call) {
  requireDigest(call, digestOfJson(firewall.aliases));
  const alias = aliasNamed(firewall, call);
  const rename = call.params.optionalText('rename');
  if (rename !== undefined && rename !== alias.name) {
    if (firewall.aliases.some((entry) => entry !== alias && isSame(entry.name, rename))) {
      throw parameterError({ name: `alias '${rename}' already exists` });
    }
    alias.name = rename;
  }
  alias.cidr = call.params.text('cidr');
  // a comment that is not sent again is lost
  alias.comment = call.params.optionalText('comment');
  return null;
}

export function aliasHandlers(path: string, of: FirewallOf): Record<string, Handler> {
  return {
    [`GET ${path}`]: (call) => of(call).aliases.map((alias) => aliasRow(of(call), alias)),
    [`POST ${path}`]: (call) => {
      const { aliases } = of(call);
      const name = call.params.text('name');
      if (aliases.some((entry) => isSame(entry.name, name)))
        throw parameterError({ name: `alias '${name}' already exists` });
      aliases.push({ name, cidr: call.params.text('cidr'), comment: call.params.optionalText('comment') });
      return null;
    },
    [`GET ${path}/{name}`]: (call) => aliasRow(of(call), aliasNamed(of(call), call)),
    [`PUT ${path}/{name}`]: (call) => updateAlias(of(call), call),
    [`DELETE ${path}/{name}`]: (call) => {
      const firewall = of(call);
      requireDigest(call, digestOfJson(firewall.aliases));
      const alias = aliasNamed(firewall, call);
      firewall.aliases = firewall.aliases.filter((entry) => entry !== alias);
      return null;
    },
  };
}

function setNamed(firewall: FirewallState, name: string): IpSet {
  const set = firewall.ipsets.find((entry) => entry.name === name);
  if (set === undefined) throw died(`no such IPSet '${name}'`);
  return set;
}

function createSet(firewall: FirewallState, { params }: Call) {
  const name = params.text('name');
  const rename = params.optionalText('rename');
  const comment = params.optionalText('comment');
  const taken = firewall.ipsets.some((entry) => entry.name === name);
  if (taken && rename !== name) throw parameterError({ name: `IPSet '${name}' already exists` });
  // What is read from the file is in lower case (PVE/Firewall.pm, generic_fw_config_parser).
  const kept = name.toLowerCase();
  if (rename === undefined) {
    // under a name in other case it comes to be one with what is there
    if (!firewall.ipsets.some((entry) => entry.name === kept))
      firewall.ipsets.push({ name: kept, comment, entries: [] });
    return null;
  }
  const set = setNamed(firewall, rename);
  set.name = kept;
  set.comment = comment ?? set.comment;
  return null;
}

function deleteSet(firewall: FirewallState, { params }: Call) {
  const set = setNamed(firewall, params.text('name'));
  if (set.entries.length > 0 && !params.flag('force')) throw died(`IPSet '${set.name}' is not empty`);
  firewall.ipsets = firewall.ipsets.filter((entry) => entry !== set);
  return null;
}

function entryRow(set: IpSet, entry: IpSetEntry) {
  const { cidr, comment } = entry;
  return { cidr, comment, nomatch: entry.nomatch ? 1 : undefined, digest: digestOfJson(set.entries) };
}

function entryNamed(set: IpSet, { params }: Call): IpSetEntry {
  const cidr = params.text('cidr');
  const entry = set.entries.find((one) => one.cidr === cidr);
  if (entry === undefined) throw parameterError({ cidr: 'no such IP/Network/Alias' });
  return entry;
}

function addEntry(firewall: FirewallState, { params }: Call) {
  const set = setNamed(firewall, params.text('name'));
  const cidr = params.text('cidr');
  if (set.entries.some((entry) => entry.cidr === cidr)) {
    throw parameterError({ cidr: `address '${cidr}' already exists` });
  }
  if (/\/0$/.test(cidr)) throw died('/0 is not allowed in ipset');
  set.entries.unshift({ cidr, nomatch: params.flag('nomatch'), comment: params.optionalText('comment') });
  return null;
}

function updateEntry(firewall: FirewallState, call: Call) {
  const set = setNamed(firewall, call.params.text('name'));
  requireDigest(call, digestOfJson(set.entries));
  const entry = entryNamed(set, call);
  entry.nomatch = call.params.flag('nomatch');
  entry.comment = call.params.optionalText('comment');
  return null;
}

function removeEntry(firewall: FirewallState, call: Call) {
  const set = setNamed(firewall, call.params.text('name'));
  requireDigest(call, digestOfJson(set.entries));
  const entry = entryNamed(set, call);
  set.entries = set.entries.filter((one) => one !== entry);
  return null;
}

export function ipsetHandlers(path: string, of: FirewallOf): Record<string, Handler> {
  const setOf = (call: Call) => setNamed(of(call), call.params.text('name'));
  return {
    [`GET ${path}`]: (call) =>
      of(call).ipsets.map(({ name, comment, entries }) => ({ name, comment, digest: digestOfJson([name, entries]) })),
    [`POST ${path}`]: (call) => createSet(of(call), call),
    [`DELETE ${path}/{name}`]: (call) => deleteSet(of(call), call),
    [`GET ${path}/{name}`]: (call) => setOf(call).entries.map((entry) => entryRow(setOf(call), entry)),
    [`POST ${path}/{name}`]: (call) => addEntry(of(call), call),
    [`GET ${path}/{name}/{cidr}`]: (call) => entryRow(setOf(call), entryNamed(setOf(call), call)),
    [`PUT ${path}/{name}/{cidr}`]: (call) => updateEntry(of(call), call),
    [`DELETE ${path}/{name}/{cidr}`]: (call) => removeEntry(of(call), call),
  };
}
