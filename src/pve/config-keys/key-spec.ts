/** What a value must look like, and how that is said. */
export interface Form {
  readonly pattern: RegExp;
  readonly says: string;
}

/** What a value of a guest's configuration may be. */
export interface ValueSpec {
  readonly type: 'flag' | 'integer' | 'number' | 'text';
  readonly min?: number;
  readonly max?: number;
  readonly longest?: number;
  readonly oneOf?: readonly string[];
  readonly form?: Form;
  /** The first major version that knows it, where that is later than 8. */
  readonly since?: 9;
  /** The last major version that knows it. */
  readonly until?: 8;
}

/** A key inside a property string. */
export interface PartSpec extends ValueSpec {
  readonly required?: true;
  /** Its value may stand without its key. */
  readonly bare?: true;
  /** Another name of this key. */
  readonly sameAs?: string;
  /** Its own name is the value of this key: `virtio=<MAC>` says `model=virtio,macaddr=<MAC>`. */
  readonly names?: string;
}

export type Parts = Readonly<Record<string, PartSpec>>;

/** A key of a configuration. */
export interface KeySpec extends ValueSpec {
  /** May have several lines, and may be empty. */
  readonly lines?: true;
  /** The keys of its property string. */
  readonly parts?: Parts;
  /** `net[n]` with a count of 32 stands for net0 to net31. */
  readonly count?: number;
}

export type KeySpecs = Readonly<Record<string, KeySpec>>;

export const flag = { type: 'flag' } as const satisfies ValueSpec;
export const text = { type: 'text' } as const satisfies ValueSpec;

const bounds = (min: number | undefined, max: number | undefined) => ({
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});

export const integer = (min?: number, max?: number) => ({ type: 'integer', ...bounds(min, max) }) as const;
export const number = (min?: number, max?: number) => ({ type: 'number', ...bounds(min, max) }) as const;
export const oneOf = (words: string) => ({ type: 'text', oneOf: words.split(' ') }) as const;
export const formed = (form: Form) => ({ type: 'text', form }) as const;
export const like = (pattern: RegExp, says: string) => formed({ pattern, says });
export const upTo = (longest: number) => ({ type: 'text', longest }) as const;
export const properties = (parts: Parts) => ({ type: 'text', parts }) as const;
export const counted = <S extends KeySpec>(count: number, spec: S) => ({ ...spec, count });

export const forms = {
  mac: {
    pattern: /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/i,
    says: 'a unicast MAC address, such as BC:24:11:00:00:01',
  },
  diskSize: { pattern: /^\d+(?:\.\d+)?[KMGT]?$/, says: 'a size such as 32G' },
  storage: { pattern: /^[A-Za-z][\w.-]*[A-Za-z0-9]$/, says: 'the name of a storage' },
  configId: { pattern: /^[A-Za-z][\w-]+$/, says: 'a letter, then letters, digits, _ and -' },
  volume: { pattern: /^[A-Za-z][\w.-]*:\S+$/, says: "a volume, as 'storage:name'" },
  drive: {
    pattern: /^(?:none|cdrom|\/.+|\d+(?:\.\d+)?|cloudinit|[A-Za-z][\w.-]*[A-Za-z0-9]:.+)$/,
    says: "a volume 'storage:name', 'storage:<GiB>' for a new one, or none",
  },
  urlencoded: { pattern: /^[-%\w.!~*'()]*$/, says: 'percent-encoded' },
  dnsName: {
    pattern: /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?$/,
    says: 'a DNS name: letters, digits, - and dots',
  },
  dnsNames: {
    pattern: /^[ ,;]*(?:(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?(?:[ ,;]+|$))*$/,
    says: 'DNS names, separated by blanks',
  },
  bridge: { pattern: /^[A-Za-z]\w*[\w.-]*$/, says: 'the name of a bridge' },
  cidr4: {
    pattern: /^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$|^dhcp$|^manual$/,
    says: 'dhcp, or an address with its prefix such as 10.0.0.5/24',
  },
  cidr6: {
    pattern: /^[0-9a-f:.]*:[0-9a-f:.]*\/\d{1,3}$|^auto$|^dhcp$|^manual$/i,
    says: 'auto, dhcp, or an IPv6 address with its prefix',
  },
  ip4: { pattern: /^\d{1,3}(?:\.\d{1,3}){3}$/, says: 'an IPv4 address' },
  ip6: { pattern: /^[0-9a-f:.]*:[0-9a-f:.]*$/i, says: 'an IPv6 address' },
  numberRanges: { pattern: /^\d+(?:-\d+)?(?:;\d+(?:-\d+)?)*$/, says: 'numbers and ranges, such as 2;4-6' },
  tags: {
    pattern: /^[,;\s]*(?:\w[\w+.-]*(?:[,;\s]+\w[\w+.-]*)*)?[,;\s]*$/,
    says: 'tags of letters, digits and _ - + . that start with a letter, digit or _, separated by ;',
  },
  startup: {
    pattern: /^(?:(?:order=)?\d+|up=\d+|down=\d+)(?:,(?:order=\d+|up=\d+|down=\d+))*$/,
    says: 'order=<n>,up=<seconds>,down=<seconds>',
  },
} as const satisfies Record<string, Form>;

/** When a guest starts with its node, and stops. */
export const startupOrder: Parts = {
  order: { ...integer(0), bare: true },
  up: integer(0),
  down: integer(0),
};
