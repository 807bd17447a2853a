import type { GuestResource } from '../../pve/resources.js';
import { type Bound, isManaged } from './ha-bounds.js';
import { moverOf } from './level-guest.js';
import { type Relocation, relocate } from './relocate.js';
import { isRunning, type NodeRoom, type Resources } from './room.js';
import { settlePlan, type Verdict } from './settle-plan.js';

interface Wish {
  readonly resources: Resources;
  readonly targets: readonly NodeRoom[];
  readonly guests: readonly GuestResource[];
  readonly bounds: ReadonlyMap<number, Bound> | undefined;
}

/** Where guests can go, and those that cannot, with the reason. */
export async function relocationPlan(
  { resources, targets, guests, bounds }: Wish,
  judge: (vmid: number, to: string) => Promise<Verdict>,
) {
  const unseen = guests.filter((guest) => bounds === undefined && isManaged(guest));
  const leavers = guests
    .filter((guest) => !unseen.includes(guest))
    .map((guest) => ({ ...moverOf(guest), running: isRunning(guest), bound: bounds?.get(guest.vmid) }));
  const places = new Map(resources.guests.map(({ vmid, node }) => [vmid, node]));
  let stuck: Relocation['stuck'] = new Map();
  const plan = await settlePlan((refusal) => {
    const made = relocate(targets, leavers, { places, refusal });
    stuck = made.stuck;
    return made.moves;
  }, judge);
  const known = new Map(guests.map((guest) => [guest.vmid, guest]));
  return {
    moves: plan.moves.flatMap(({ vmid, to, how, disk_bytes }) => {
      const guest = known.get(vmid);
      return guest === undefined ? [] : [{ guest, to, how, disk_bytes }];
    }),
    left: [
      ...unseen.map(({ vmid, name }) => {
        return { vmid, name, why: 'HA manages it, and its rules are not shown to this token (Sys.Audit on /)' };
      }),
      ...[...stuck].map(([vmid, why]) => ({ vmid, name: known.get(vmid)?.name, why })),
    ].sort((a, b) => a.vmid - b.vmid),
  };
}
