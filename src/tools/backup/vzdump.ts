import { z } from 'zod';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { Refused } from '../refused.js';

// A UPID, or the text `OK` where the guest is not on that node (pve-manager, API2/VZDump.pm).
export const vzdump = endpoint('POST /nodes/{node}/vzdump', z.string());

/** How a backup of one guest is made. */
interface BackupTerms {
  readonly vmid: number;
  readonly storage: string;
  readonly notes: string;
  /** Default snapshot. */
  readonly mode?: 'snapshot' | 'suspend' | 'stop' | undefined;
  /** Default zstd. */
  readonly compress?: string | undefined;
  /** KiB/s. */
  readonly bwlimit?: number | undefined;
}

/** The parameters of `POST /nodes/{node}/vzdump`. */
export const backupParams = ({ notes, mode = 'snapshot', compress = 'zstd', ...terms }: BackupTerms) => ({
  ...terms,
  mode,
  compress,
  'notes-template': notes,
  // On by default: it would delete what the storage's own rule no longer keeps of this guest.
  remove: false,
});

/** The task of a backup of one guest. Throws where the guest is not on that node, so that nothing was backed up. */
export async function startBackup(call: Call<typeof vzdump>, node: string, terms: BackupTerms): Promise<string> {
  const { data: upid } = await call({ node }, backupParams(terms));
  if (upid.startsWith('UPID:')) return upid;
  throw new Refused(`guest ${terms.vmid} is no longer on node ${node}`, 'Look for it, and call again.');
}
