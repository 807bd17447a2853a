import { attempt, inTurns } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { quoted, toWord } from '../../pve/quoted.js';
import type { storageResources } from '../../pve/resources.js';
import type { storageContent, Volume } from '../../pve/storage.js';
import { isoTime } from '../../pve/time.js';
import { Refused } from '../refused.js';

interface Finder {
  readonly resources: Call<typeof storageResources>;
  readonly content: Call<typeof storageContent>;
}

interface Place {
  readonly node: string;
  readonly storage: string;
  readonly volid: string;
}

export interface FoundBackup {
  readonly node: string;
  readonly backup: Volume;
}

/** A backup as its storage lists it, on this node or, of a local storage, on the only other one that has it. */
export async function findBackup(call: Finder, { node, storage, volid }: Place): Promise<FoundBackup> {
  const { data } = await call.content({ node, storage }, { content: 'backup' });
  const here = data.find((volume) => volume.volid === volid);
  if (here !== undefined) return { node, backup: here };
  const rows = (await call.resources({}, { type: 'storage' })).data.filter((row) => row.storage === storage);
  const others = rows.filter((row) => !row.shared && row.node !== node && row.status === 'available');
  const lists = await inTurns(others, async (place) => ({
    node: place.node,
    listed: await attempt(call.content(place, { content: 'backup' })),
  }));
  const found = lists.flatMap((list) => {
    const backup = 'error' in list.listed ? undefined : list.listed.value.data.find((one) => one.volid === volid);
    return backup === undefined ? [] : [{ node: list.node, backup }];
  });
  const [only, second] = found;
  if (only === undefined)
    throw new Refused(
      `storage '${storage}' lists no backup '${volid}'`,
      'See proxmox-list-backups; a token sees only those that it may read.',
    );
  if (second !== undefined)
    throw new Refused(`nodes ${only.node} and ${second.node} both have '${volid}'`, "Name one as 'node'.");
  return only;
}

/** What a plan says of a backup. */
export function backupInWords({ volid, vmid, ctime, notes }: Volume): string {
  const of = vmid === undefined ? '' : ` of guest ${vmid}`;
  const said = notes ? ` (${quoted(notes, 60)})` : '';
  return `${toWord(volid)} is the backup${of}${said}${ctime === undefined ? '' : ` of ${isoTime(ctime)}`}.`;
}
