import { attempt } from '../../pve/attempt.js';
import type { Bound, Call } from '../../pve/endpoint.js';
import { NotImplementedError } from '../../pve/errors.js';
import { failureInWords } from '../../pve/failure.js';
import { isoTime } from '../../pve/time.js';
import { tokenPath } from '../access/identity.js';
import { type ReplicationJob, vmidOfJob } from '../ha/replication-jobs.js';
import { isMoveToken, type tokenCalls } from '../migration-between/move-token.js';
import type { networks } from '../network/network-interface.js';
import { readSdn, sdnKind, type sdnReads } from '../network/sdn-objects.js';
import { type NodeTask, ownerOf } from '../tasks/task-rows.js';
import { byTool, type Found, type Leftover } from './leftover.js';
import { lookAtEach } from './look-at-each.js';
import { type Running, toWaitFor } from './task-leftovers.js';

/** Tokens that were made for moves into this cluster. */
export async function tokensLeft(
  call: Call<typeof tokenCalls.tokens>,
  own: string,
  { tasks }: Pick<Running, 'tasks'>,
  now: number,
): Promise<Found> {
  const { userid } = tokenPath(own);
  const listed = await attempt(call({ userid }));
  if ('error' in listed)
    return { rows: [], notes: [`The tokens of its user could not be read (${failureInWords(listed.error)}).`] };
  const rows = listed.value.data.filter(isMoveToken).flatMap(({ tokenid: name, expire = 0 }): Leftover[] => {
    const tokenid = `${userid}!${name}`;
    const running = tasks.find((task) => ownerOf(task) === tokenid);
    if (running !== undefined) return [tokenAtWork(tokenid, running)];
    const isOver = expire > 0 && expire * 1000 <= now;
    return [
      {
        kind: 'move_token',
        sure: isOver ? 'certain' : 'possible',
        what: isOver
          ? 'Made to move a guest in, and expired.'
          : 'Made to move a guest in, and no task of it is seen; a move may be about to begin.',
        tokenid,
        state: expire === 0 ? 'never expires' : `${isOver ? 'expired' : 'expires'} ${isoTime(expire)}`,
        // What it was given on paths goes with it.
        take_back: byTool('proxmox-delete-token', { tokenid }),
      },
    ];
  });
  return { rows, notes: [] };
}

const tokenAtWork = (tokenid: string, task: NodeTask): Leftover => ({
  kind: 'move_token',
  sure: 'possible',
  what: 'Made to move a guest in, and a task of it still runs: a call is under way, or was stopped; to be deleted once that is over.',
  tokenid,
  ...toWaitFor(task),
});

/** Network changes that wait on nodes. */
export async function networkLeft(call: Call<typeof networks>, nodes: readonly string[]): Promise<Found> {
  const { values, failed } = await lookAtEach(nodes, (node) => call({ node }));
  const rows = values.flatMap(({ key: node, value: { changes } }): Leftover[] =>
    changes === undefined
      ? []
      : [
          {
            kind: 'staged_network',
            sure: 'possible',
            what: 'Network changes are staged and not in force, by whomever: proxmox-list-network-interfaces shows them.',
            node,
            take_back: byTool('proxmox-revert-network', { node }),
          },
        ],
  );
  return {
    rows,
    notes: failed.map(({ key, reason }) => `What is staged on node ${key} is not known (${reason}).`),
  };
}

/** Zones, vnets and subnets that are not in force as they stand. */
export async function sdnLeft(call: Bound<typeof sdnReads>): Promise<Found> {
  const read = await Promise.all(sdnKind.options.map((kind) => attempt(readSdn(kind, call, true))));
  const rows = read
    .flatMap((one) => ('error' in one ? [] : one.value))
    .flatMap(({ kind, id, vnet, state }): Leftover[] =>
      state === undefined
        ? []
        : [
            {
              kind: 'pending_sdn',
              sure: 'possible',
              what: 'Configured and not in force; to apply puts all that is pending in force.',
              type: kind,
              id,
              state,
              take_back:
                state === 'new'
                  ? byTool('proxmox-delete-sdn', { kind, id, ...(vnet === undefined ? {} : { vnet }) })
                  : byTool('proxmox-apply-sdn', {}),
            },
          ],
    );
  const unread = read.flatMap((one) =>
    'error' in one && !(one.error instanceof NotImplementedError) ? [one.error] : [],
  );
  const [first] = unread;
  return {
    rows,
    notes: first === undefined ? [] : [`What is pending in SDN could not all be read (${failureInWords(first)}).`],
  };
}

/** Replication jobs that are to go, and have not gone yet. */
export const replicationLeft = (jobs: readonly ReplicationJob[]): Leftover[] =>
  jobs
    .filter((job) => job.remove_job !== undefined)
    .map((job) => ({
      kind: 'ending_replication',
      sure: 'possible',
      what: 'It goes at its next run, with its copies; where its node is gone it stays.',
      vmid: vmidOfJob(job),
      id: job.id,
      ...(job.source === undefined ? {} : { node: job.source }),
      take_back: byTool('proxmox-list-replication', { vmid: vmidOfJob(job) }),
    }));
