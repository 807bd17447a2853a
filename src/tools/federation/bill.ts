/** What every resource of a cluster costs; nothing is left out. */
export interface FullPrices {
  readonly per: 'hour' | 'month';
  readonly vcpu: number;
  readonly memoryGib: number;
  /** By storage; `*` stands for every other one. */
  readonly diskGib: ReadonlyMap<string, number>;
  readonly currency: string;
}

/** Average use, and at how many moments it was measured. */
export interface Measured {
  readonly cores: number;
  readonly memory: number;
  readonly samples: number;
}

/** What a guest takes; memory and disks in bytes. */
export interface Use {
  readonly vcpus: number;
  readonly memory: number;
  readonly disks: ReadonlyMap<string, number>;
  /** A guest that is off and a template take their disks alone. */
  readonly state: 'on' | 'off' | 'template';
  readonly measured?: Measured;
}

/** Use and cost of some guests. Costs are of a month, in whole ten-thousandths, so that sums are exact. */
export interface Bill {
  readonly guests: number;
  readonly vcpus: number;
  readonly memory: number;
  readonly disks: ReadonlyMap<string, number>;
  readonly cost: { readonly vcpu: number; readonly memory: number; readonly disk: number };
  /** Of `cost`, what guests cost that are off; `whenOn` is what their vCPUs and memory would cost beside. */
  readonly off: { readonly guests: number; readonly disk: number; readonly whenOn: number };
  readonly measured: {
    readonly guests: number;
    readonly cores: number;
    readonly memory: number;
    readonly vcpuCost: number;
    readonly memoryCost: number;
    /** The fewest of any guest; infinite for none. */
    readonly samples: number;
  };
}

export const gib = 1024 ** 3;
/** As providers count: 365 days of 24 hours, divided by 12. */
export const hoursOfMonth = 730;
/** Parts of a unit of the currency. */
export const parts = 10_000;

export const priceOfDisk = ({ diskGib }: FullPrices, storage: string) => diskGib.get(storage) ?? diskGib.get('*');

const noBill: Bill = {
  guests: 0,
  vcpus: 0,
  memory: 0,
  disks: new Map(),
  cost: { vcpu: 0, memory: 0, disk: 0 },
  off: { guests: 0, disk: 0, whenOn: 0 },
  measured: { guests: 0, cores: 0, memory: 0, vcpuCost: 0, memoryCost: 0, samples: Number.POSITIVE_INFINITY },
};

/** What one guest costs. A storage without a price costs nothing here: the report tells it apart. */
export function billOf(use: Use, prices: FullPrices): Bill {
  const hours = prices.per === 'hour' ? hoursOfMonth : 1;
  const cost = (amount: number, price: number) => Math.round(amount * price * hours * parts);
  const [vcpu, memory] = [cost(use.vcpus, prices.vcpu), cost(use.memory / gib, prices.memoryGib)];
  const ofDisks = [...use.disks].map(([storage, bytes]) => cost(bytes / gib, priceOfDisk(prices, storage) ?? 0));
  const disk = ofDisks.reduce((sum, one) => sum + one, 0);
  const isOn = use.state === 'on';
  const { measured } = use;
  return {
    guests: 1,
    vcpus: isOn ? use.vcpus : 0,
    memory: isOn ? use.memory : 0,
    disks: use.disks,
    cost: { vcpu: isOn ? vcpu : 0, memory: isOn ? memory : 0, disk },
    off: use.state === 'off' ? { guests: 1, disk, whenOn: vcpu + memory } : noBill.off,
    measured:
      measured === undefined
        ? noBill.measured
        : {
            guests: 1,
            ...measured,
            vcpuCost: cost(measured.cores, prices.vcpu),
            memoryCost: cost(measured.memory / gib, prices.memoryGib),
          },
  };
}

export const sumOf = (bills: readonly Bill[]): Bill => bills.reduce(plus, noBill);

function plus(a: Bill, b: Bill): Bill {
  return {
    guests: a.guests + b.guests,
    vcpus: a.vcpus + b.vcpus,
    memory: a.memory + b.memory,
    disks: added(a.disks, b.disks),
    cost: {
      vcpu: a.cost.vcpu + b.cost.vcpu,
      memory: a.cost.memory + b.cost.memory,
      disk: a.cost.disk + b.cost.disk,
    },
    off: {
      guests: a.off.guests + b.off.guests,
      disk: a.off.disk + b.off.disk,
      whenOn: a.off.whenOn + b.off.whenOn,
    },
    measured: {
      guests: a.measured.guests + b.measured.guests,
      cores: a.measured.cores + b.measured.cores,
      memory: a.measured.memory + b.measured.memory,
      vcpuCost: a.measured.vcpuCost + b.measured.vcpuCost,
      memoryCost: a.measured.memoryCost + b.measured.memoryCost,
      samples: Math.min(a.measured.samples, b.measured.samples),
    },
  };
}

function added(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sum = new Map(a);
  for (const [storage, bytes] of b) sum.set(storage, (sum.get(storage) ?? 0) + bytes);
  return sum;
}

export const costOf = ({ cost }: Bill): number => cost.vcpu + cost.memory + cost.disk;

export interface Row {
  readonly row: string;
  readonly bill: Bill;
}

/** One bill for each key, the dearest first; a guest with several keys is in the bill of each. */
export function rowsBy(guests: readonly { readonly keys: readonly string[]; readonly bill: Bill }[]): Row[] {
  const groups = new Map<string, Bill[]>();
  for (const { keys, bill } of guests)
    for (const key of new Set(keys)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [bill]);
      else group.push(bill);
    }
  return [...groups]
    .map(([row, bills]) => ({ row, bill: sumOf(bills) }))
    .sort((a, b) => costOf(b.bill) - costOf(a.bill) || a.row.localeCompare(b.row, 'en', { numeric: true }));
}

/** The first rows, and one for all others. */
export function cutRows(rows: readonly Row[], most: number): readonly Row[] {
  if (rows.length <= most) return rows;
  const rest = rows.slice(most);
  return [...rows.slice(0, most), { row: `(${rest.length} more)`, bill: sumOf(rest.map(({ bill }) => bill)) }];
}
