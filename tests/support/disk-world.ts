import { beforeAll, beforeEach, expect } from 'vitest';
import { useWorld } from './world.js';

type Arguments = Record<string, unknown>;

/** The simulated clusters, and what the tests of disks ask of them. */
export function useDisks() {
  const world = useWorld();
  let marked = 0;
  const state = () => world.simulator.cluster('production').state;
  const guest = (vmid: number) => state().guests.find((one) => one.vmid === vmid);
  /** Writes since the test began, or since the last `mark`. */
  const writes = () => world.writes() - marked;
  const mark = () => {
    marked = world.writes();
  };
  beforeAll(() => {
    // So that a container's volumes have somewhere to go.
    state()
      .storages.find(({ storage }) => storage === 'nfs-shared')
      ?.content.push('rootdir');
  });
  beforeEach(mark);
  return {
    world,
    call: world.call,
    guest,
    config: (vmid: number) => guest(vmid)?.config ?? {},
    volume: (volid: string) => state().storages.flatMap(({ volumes }) => volumes.filter((one) => one.volid === volid)),
    writes,
    mark,
    done: async (tool: string, args: Arguments) => {
      const answer = await world.call(tool, { ...args, confirm: undefined });
      expect(answer.isError, answer.text).toBe(false);
      return answer.data;
    },
    confirmed: async (tool: string, args: Arguments) => {
      const plan = await world.call(tool, args);
      expect(plan.data.plan.next, plan.text).toContain("'confirm': true");
      expect(writes()).toBe(0);
      const answer = await world.call(tool, { ...args, confirm: true });
      expect(answer.isError, answer.text).toBe(false);
      return { plan: plan.data.plan, result: answer.data.result, notes: answer.data.notes };
    },
    refused: async (tool: string, args: Arguments) => {
      const { data, isError } = await world.call(tool, args);
      expect(isError).toBe(true);
      expect(writes()).toBe(0);
      return data.error;
    },
  };
}
