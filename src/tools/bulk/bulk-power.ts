import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { clusterResources, type GuestResource } from '../../pve/resources.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { seenGuests } from '../guests/seen-guests.js';
import { InvalidInput } from '../invalid-input.js';
import {
  awayOf,
  defaultAtOnce,
  filterInputs,
  guestOfRow,
  inWords,
  labelOf,
  matchingGuests,
  pace,
  rowOf,
} from './guest-filter.js';
import { changedSince } from './guest-now.js';
import { countOutcomes, counts, outcome, runSteps } from './run-steps.js';

const actions = ['start', 'shutdown', 'stop', 'reboot'] as const;
type Action = (typeof actions)[number];

/** Why a guest needs no request, where it needs none. */
function asAsked(action: Action, { status }: GuestResource): string | undefined {
  if (action === 'start') return status === undefined || status === 'stopped' ? undefined : `it is ${status}`;
  return status === 'stopped' ? 'it is stopped' : undefined;
}

export default [
  defineTool({
    name: 'proxmox-bulk-power',
    title: 'Power many guests',
    description: 'Power for all guests that match; refused if more than most (20) do.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'bulk',
    waits: true,
    input: {
      action: z.enum(actions).describe('stop cuts the power'),
      ...filterInputs,
      ...pace,
      force: z.boolean().optional().describe('Cut power at last'),
    },
    output: z.object({
      action: z.enum(actions),
      ...counts,
      rows: z.array(z.object({ ...guestOfRow, ...outcome })),
    }),
    calls: {
      resources: clusterResources,
      start: endpoint('POST /nodes/{node}/{type}/{vmid}/status/start', startedUpid),
      shutdown: endpoint('POST /nodes/{node}/{type}/{vmid}/status/shutdown', startedUpid),
      stop: endpoint('POST /nodes/{node}/{type}/{vmid}/status/stop', startedUpid),
      reboot: endpoint('POST /nodes/{node}/{type}/{vmid}/status/reboot', startedUpid),
    },
    privileges: ['VM.PowerMgmt on /vms', 'VM.Audit on /vms'],
    run: async (context) => {
      const { input, call, outline } = context;
      const { action } = input;
      if (input.force && action !== 'shutdown')
        throw new InvalidInput({ argument: 'force', message: "it goes with 'shutdown'" });
      const seen = await seenGuests(call.resources);
      const meant = matchingGuests(seen, input);
      const queues = meant.map((guest) => {
        const label = labelOf(guest);
        const skip = awayOf(seen, guest) ?? asAsked(action, guest);
        const params = action === 'shutdown' ? { forceStop: input.force } : {};
        const { node, type, vmid } = guest;
        const start = async () => (await call[action]({ node, type, vmid }, params)).data;
        const look = () => changedSince(guest, call.resources);
        return [skip === undefined ? { label, start, look } : { label, skip }];
      });
      const way = { atOnce: input.at_once ?? defaultAtOnce, stopAtFailure: input.stop_at_failure ?? false };
      outline(`${action} for ${inWords(meant)}.`);
      const outcomes = (await runSteps(context, queues, way)).flat();
      const rows = meant.flatMap((guest, index) => {
        const became = outcomes[index];
        return became === undefined ? [] : [{ ...rowOf(guest), ...became }];
      });
      return { action, ...countOutcomes(rows), rows };
    },
  }),
];
