import { z } from 'zod';
import { agentInterfaces, interfacesOfAgent } from '../../pve/guest-addresses.js';
import { flag, number, text } from '../../pve/loose.js';
import { isoTime } from '../../pve/time.js';

/** What a guest says of itself, in plain names. */
export interface Told {
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
}

const fileSystems = z.array(
  z.object({
    name: text.optional(),
    mountpoint: text,
    type: text.optional(),
    'total-bytes': number.optional(),
    'used-bytes': number.optional(),
    disk: z.array(z.object({ dev: text.optional(), serial: text.optional() })).optional(),
  }),
);

const users = z.array(z.object({ user: text, domain: text.optional(), 'login-time': number.optional() }));

const vcpus = z.array(z.object({ 'logical-id': number, online: flag, 'can-offline': flag.optional() }));

const commands = z.object({
  version: text,
  supported_commands: z.array(z.object({ name: text, enabled: flag })),
});

const names = (found: z.output<typeof commands>, enabled: boolean) =>
  found.supported_commands
    .filter((command) => command.enabled === enabled)
    .map(({ name }) => name)
    .sort();

/** How the answer of each kind is read; `undefined` where it is not what the agent gives. */
export const readers = {
  network: (result: unknown) => {
    const { data } = agentInterfaces.data.safeParse({ result });
    const rows = data === undefined ? undefined : interfacesOfAgent(data);
    return rows && { rows: rows.map((row) => ({ ...row })) };
  },
  os: (result: unknown) => {
    const { data } = z.record(z.string(), text).safeParse(result);
    return data && { facts: data };
  },
  filesystems: (result: unknown) => {
    const { data } = fileSystems.safeParse(result);
    return (
      data && {
        rows: data.map((one) => ({
          mountpoint: one.mountpoint,
          name: one.name,
          type: one.type,
          total_bytes: one['total-bytes'],
          used_bytes: one['used-bytes'],
          disks: one.disk?.flatMap(({ dev }) => dev ?? []),
        })),
      }
    );
  },
  users: (result: unknown) => {
    const { data } = users.safeParse(result);
    return (
      data && {
        rows: data.map(({ user, domain, 'login-time': login }) => ({
          user,
          domain,
          login_time: login === undefined ? undefined : isoTime(Math.round(login)),
        })),
      }
    );
  },
  hostname: (result: unknown) => {
    const { data } = z.object({ 'host-name': text }).safeParse(result);
    return data && { facts: { hostname: data['host-name'] } };
  },
  time: (result: unknown) => {
    const { data } = number.safeParse(result);
    return data === undefined ? undefined : { facts: { time: isoTime(Math.floor(data / 1e9)) } };
  },
  timezone: (result: unknown) => {
    const { data } = z.object({ zone: text.optional(), offset: number }).safeParse(result);
    return data && { facts: { zone: data.zone, offset_seconds: data.offset } };
  },
  info: (result: unknown) => {
    const { data } = commands.safeParse(result);
    return data && { facts: { version: data.version, commands: names(data, true), disabled: names(data, false) } };
  },
  vcpus: (result: unknown) => {
    const { data } = vcpus.safeParse(result);
    return (
      data && {
        rows: data.map((one) => ({ id: one['logical-id'], online: one.online, can_offline: one['can-offline'] })),
      }
    );
  },
} as const satisfies Record<string, (result: unknown) => Told | undefined>;
