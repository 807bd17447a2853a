import { checkValue } from '../../pve/config-keys/check-value.js';
import { flag, integer, type KeySpecs, like, oneOf, properties, upTo } from '../../pve/config-keys/key-spec.js';
import type { Params } from '../../pve/params.js';
import { InvalidInput } from '../invalid-input.js';

const level = oneOf('emerg alert crit err warning notice info debug nolog');
const rate = like(/^[1-9]\d*\/(?:second|minute|hour|day)$/, 'a rate such as 1/second');

/** What each level takes beside `enable` and the policies. */
const others = {
  cluster: {
    ebtables: flag,
    log_ratelimit: properties({ enable: { ...flag, bare: true, required: true }, burst: integer(0), rate }),
    policy_forward: oneOf('ACCEPT DROP'),
  },
  node: {
    log_level_in: level,
    log_level_out: level,
    log_level_forward: level,
    log_nf_conntrack: flag,
    ndp: flag,
    nftables: flag,
    nosmurfs: flag,
    nf_conntrack_allow_invalid: flag,
    nf_conntrack_helpers: upTo(256),
    nf_conntrack_max: integer(32_768),
    smurf_log_level: level,
    nf_conntrack_tcp_timeout_established: integer(7875),
    nf_conntrack_tcp_timeout_syn_recv: integer(30, 60),
    tcpflags: flag,
    protection_synflood: flag,
    protection_synflood_burst: integer(),
    protection_synflood_rate: integer(),
    tcp_flags_log_level: level,
  },
  guest: {
    dhcp: flag,
    ipfilter: flag,
    log_level_in: level,
    log_level_out: level,
    macfilter: flag,
    ndp: flag,
    radv: flag,
  },
} as const satisfies Record<string, KeySpecs>;

/**
 * The options as they are sent; what is `null` is taken out.
 * @throws {InvalidInput} for what the level does not have, or not with that value
 */
export function readOthers(place: keyof typeof others, given: Readonly<Record<string, unknown>>): Params {
  const known: KeySpecs = others[place];
  const gone: string[] = [];
  const set: Record<string, string | boolean> = {};
  for (const [key, value] of Object.entries(given)) {
    const spec = Object.hasOwn(known, key) ? known[key] : undefined;
    const argument = `options.${key}`;
    if (spec === undefined)
      throw new InvalidInput({ argument, message: `level ${place} takes ${Object.keys(known).join(', ')}` });
    const checked = checkValue(spec, value, undefined);
    if (value === null) gone.push(key);
    else if ('wire' in checked) set[key] = typeof value === 'boolean' ? value : checked.wire;
    else throw new InvalidInput({ argument, message: checked.fault });
  }
  return { ...set, delete: gone.length > 0 ? gone.join(',') : undefined };
}
