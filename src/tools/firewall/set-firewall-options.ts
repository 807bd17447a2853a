import { z } from 'zod';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import type { Params } from '../../pve/params.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { guestReads, outlineGuest, stillSameGuest } from './guest-of-place.js';
import { effectReads, type Options, optionReads, readClusterNotes, readGuestNotes, readOptions } from './options.js';
import { readOthers } from './other-options.js';
import { describePlace, findPlace, optionLevels, type Place, placeShape } from './place.js';

const writes = {
  setOfCluster: endpoint('PUT /cluster/firewall/options', z.null()),
  setOfNode: endpoint('PUT /nodes/{node}/firewall/options', z.null()),
  setOfGuest: endpoint('PUT /nodes/{node}/{type}/{vmid}/firewall/options', z.null()),
};

function writeOptions(place: Place, call: Bound<typeof writes>, options: Params) {
  switch (place.level) {
    case 'node':
      return call.setOfNode(place, options);
    case 'guest':
      return call.setOfGuest(place, options);
    default:
      return call.setOfCluster({}, options);
  }
}

const policy = z.enum(['ACCEPT', 'REJECT', 'DROP']).optional();

const lockOut =
  'With the datacenter firewall on and policy_in DROP or REJECT, a host takes in only what rules allow; of Proxmox itself, the web interface and SSH stay open to the own network of the hosts alone. See first that a rule lets you in.';

/** Whether a host would, with these options, refuse what no rule allows. */
const closes = (
  before: Options,
  { enable, policy_in }: { enable?: boolean | undefined; policy_in?: string | undefined },
) => (enable ?? before.enable ?? false) && (policy_in ?? before.policy_in ?? 'DROP') !== 'ACCEPT';

export default [
  defineTool({
    name: 'proxmox-firewall-set-options',
    title: 'Set firewall options',
    description: 'Switch a firewall on or off, set policies and options.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'firewall',
    input: {
      ...optionLevels,
      enable: z.boolean().optional().describe('On or off'),
      policy_in: policy.describe('Where no rule fits'),
      policy_out: policy.describe('Where no rule fits'),
      options: z.looseObject({}).optional().describe('Others; null: default'),
    },
    output: z.object({ ...placeShape, changed: z.array(z.string()) }),
    calls: { ...guestReads, ...optionReads, ...effectReads, ...writes },
    privileges: ['Sys.Modify on /', 'VM.Config.Network on /vms'],
    run: async ({ input, call, note, outline }) => {
      const { level, node, vmid, enable, policy_in, policy_out, options = {} } = input;
      if (level === 'node' && (policy_in ?? policy_out) !== undefined)
        throw new InvalidInput({
          argument: 'policy_in',
          message: 'a node has none; the policies are of level cluster',
        });
      const changes: Params = { enable, policy_in, policy_out, ...readOthers(level, options) };
      const changed = Object.keys(changes).filter((key) => key !== 'delete' && changes[key] !== undefined);
      if (changed.length === 0 && changes.delete === undefined)
        throw new InvalidInput({ argument: 'enable', message: 'nothing to set was given' });
      const place = await findPlace({ level, node, vmid }, call.guestResources);
      await outlineGuest(place, call, outline);
      const before = await readOptions(place, call);
      if (level === 'cluster' && closes(before, input)) note(lockOut);
      const notes =
        place.level === 'guest'
          ? await readGuestNotes(place, enable ?? before.enable ?? false, call)
          : place.level === 'node'
            ? await readClusterNotes(call)
            : [];
      for (const text of notes) note(text);
      await stillSameGuest(place, call.guestResources);
      await writeOptions(place, call, { ...changes, digest: before.digest });
      return {
        ...describePlace(place),
        changed: [...changed, ...Object.keys(options).filter((key) => options[key] === null)],
      };
    },
  }),
];
