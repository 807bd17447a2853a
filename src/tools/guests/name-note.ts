import { nameOrNone } from '../../pve/quoted.js';
import type { Calls, Lead, Side } from '../define.js';

interface Guest {
  readonly name?: string | undefined;
  readonly vmid?: number | undefined;
}

const inWords = (said: string, { here, cluster, by }: Lead) =>
  `Later calls by ${said} alone go to '${cluster}' by ${by === 'default' ? 'default' : `the ${by}`}: name '${here}' in each.`;

/** That a name which was chosen here means another cluster to later calls; the default finds no guest there, and says so. */
export function nameNotes(side: Pick<Side<Calls>, 'ledElsewhere'>, name: string | undefined): string[] {
  const lead = name === undefined ? undefined : side.ledElsewhere({ name });
  return lead === undefined || lead.by === 'default' ? [] : [inWords(`name ${nameOrNone(name)}`, lead)];
}

/** The same of a guest of which another is left on `other`: there a call would find it. */
export function twinNotes(side: Pick<Side<Calls>, 'ledElsewhere'>, { name, vmid }: Guest, other: string): string[] {
  const matters = (lead: Lead | undefined): lead is Lead =>
    lead !== undefined && (lead.by !== 'default' || lead.cluster === other);
  const byName = name === undefined ? undefined : side.ledElsewhere({ name });
  const byVmid = vmid === undefined ? undefined : side.ledElsewhere({ vmid });
  return [
    ...(matters(byName) ? [inWords(`name ${nameOrNone(name)}`, byName)] : []),
    ...(matters(byVmid) ? [inWords(`VMID ${vmid}`, byVmid)] : []),
  ];
}
