import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/listen.js';
import { areas, loadArea } from '../support/examples.js';
import { type Left, newFigures, onAll, runUnder, sendByHand, taggedAll } from '../support/policy-calls.js';
import { tellFigures } from '../support/tell-figures.js';

const secretDir = mkdtempSync(join(tmpdir(), 'proxmox-mcp-policy-'));
const figures = { tools: newFigures(), byHand: newFigures() };
afterAll(() => {
  rmSync(secretDir, { recursive: true, force: true });
  const { requests: byHand, refused: refusedByHand } = figures.byHand;
  tellFigures({ ...figures.tools, byHand, refusedByHand });
});

const writesOf = (left: readonly Left[]) => left.filter(({ method }) => method !== 'GET');
const inWords = ({ method, path, params }: Left) => `${method} ${path} ${JSON.stringify(params)}`;

/** Written here a second time, and in another way, so that a gap in the server's table shows. */
function isOperation({ method, path }: Left): boolean {
  const [, first, , kind, vmid, what, more, last] = path.split('/');
  if (first !== 'nodes') return false;
  if ((kind === 'qemu' || kind === 'lxc') && /^\d+$/.test(vmid ?? ''))
    return (
      (method === 'POST' && what === 'status') ||
      (what === 'snapshot' && (method !== 'PUT' || last === 'config') && (more !== undefined || method === 'POST'))
    );
  if (method === 'POST' && ['vzdump', 'startall', 'stopall', 'suspendall'].includes(kind ?? ''))
    return vmid === undefined;
  if (kind !== 'storage') return false;
  return what === 'prunebackups' || (what === 'content' && method !== 'POST' && /:backup\//.test(path));
}

/** Whether a read names a guest of the world, which nothing outside the range is to be told of. */
const isTold = ({ method, path, params }: Left, known: ReadonlySet<number>) =>
  method === 'GET' && [/\/(?:qemu|lxc)\/(\d+)/.exec(path)?.[1], params.vmid].some((vmid) => known.has(Number(vmid)));

const range = '700000-700099';
const inRange = (vmid: unknown) => /^7000\d\d$/.test(String(vmid));

/** Whether all that a write names is in the range: only what is made there can be. */
function isInRange({ method, path, params }: Left): boolean {
  const [, , , kind, vmid] = path.split('/');
  if (kind !== 'qemu' && kind !== 'lxc')
    return /vm-7000\d\d-|vzdump-\w+-7000\d\d-/.test(path) || inRange(params.vmid ?? params.vms);
  return vmid === undefined ? method === 'POST' && inRange(params.vmid) : inRange(vmid);
}

/** The guests of the world that a write acts on. */
function touched({ method, path, params }: Left, known: ReadonlySet<number>): number[] {
  const [, first, , kind, vmid, what, more] = path.split('/');
  if (first === 'nodes' && (kind === 'qemu' || kind === 'lxc')) {
    if (method === 'POST' && what === 'snapshot' && more === undefined) return [];
    return [Number(vmid ?? params.vmid)].filter((one) => known.has(one));
  }
  if (kind === 'vzdump' || (path.startsWith('/cluster/backup') && method !== 'DELETE')) {
    const isAdded = params.mode === 'snapshot' && params.remove === '0' && params['prune-backups'] === undefined;
    if (isAdded && method === 'POST') return [];
    const listed = (params.vmid?.split(',') ?? []).map(Number);
    return listed.length === 0 || params.all || params.pool ? [-1] : listed.filter((one) => known.has(one));
  }
  if (method !== 'POST' && /^\/cluster\/ha\/(rules|groups)\//.test(path) && !(method === 'DELETE' && kind === 'groups'))
    return [-1];
  if (/^\/nodes\/[^/]+\/(startall|stopall|suspendall|migrateall|status)$/.test(path)) return [-1];
  const named = [...path.matchAll(/(?:vm|ct|subvol|base|qemu|lxc)[:-](\d{3,})/g)].map(([, one]) => Number(one));
  const inParams = ['vms', 'sid', 'resources'].flatMap((key) => (params[key] ?? '').match(/\d{3,}/g) ?? []).map(Number);
  return [...named, ...inParams].filter((one) => known.has(one));
}

describe('every example of every tool', () => {
  it.each(areas)(
    '%s: sends no more than the rules allow',
    async (name) => {
      const area = await loadArea(name);
      const under = (env: Record<string, string>, prepare = (_: unknown) => {}) =>
        runUnder(area, { env, prepare: (simulator) => prepare(simulator) }, secretDir, figures.tools);
      expect(writesOf(await under(onAll('ACCESS', 'read'))).map(inWords)).toEqual([]);
      const operated = writesOf(await under(onAll('ACCESS', 'operate')));
      expect(operated.filter((one) => !isOperation(one)).map(inWords)).toEqual([]);
      const ranged = writesOf(await under(onAll('ALLOW_VMIDS', range)));
      expect(ranged.filter((one) => !isInRange(one)).map(inWords)).toEqual([]);
      const known = new Set<number>();
      const env = onAll('PROTECT_TAGS', 'keep');
      const tagged = await runUnder(
        area,
        {
          env,
          prepare: (simulator) => {
            taggedAll('keep')(simulator);
            for (const { state } of simulator.clusters) for (const { vmid } of state.guests) known.add(vmid);
          },
        },
        secretDir,
        figures.tools,
      );
      expect(ranged.filter((one) => isTold(one, known)).map(inWords)).toEqual([]);
      // A guest that was made meanwhile has no tag; another cluster may have one of its VMID.
      for (const { method, path, params } of tagged)
        if (method === 'POST' && /^\/nodes\/[^/]+\/(qemu|lxc)(\/\d+\/clone)?$/.test(path))
          known.delete(Number(params.newid ?? params.vmid));
      expect(
        writesOf(tagged)
          .filter((one) => touched(one, known).length > 0)
          .map(inWords),
      ).toEqual([]);
      // What the tools send when nothing forbids it, sent by hand past all of them.
      const writes = writesOf(await under({}));
      const simulator = await startSimulator({ http: true, authDelayMs: 0 });
      taggedAll('keep')(simulator);
      const byHand = (rules: Record<string, string>) => sendByHand(simulator, rules, writes, figures.byHand);
      expect((await byHand(onAll('ACCESS', 'read'))).map(inWords)).toEqual([]);
      expect((await byHand({ PROXMOX_READ_ONLY: 'true' })).map(inWords)).toEqual([]);
      expect((await byHand(onAll('ALLOW_VMIDS', range))).map(inWords)).toEqual([]);
      expect((await byHand(onAll('ALLOW_POOLS', 'nothing-is-in-it'))).map(inWords)).toEqual([]);
      const own = new Set(simulator.cluster('production').state.guests.map(({ vmid }) => vmid));
      const taggedByHand = await byHand(onAll('PROTECT_TAGS', 'keep'));
      expect(taggedByHand.filter((one) => touched(one, own).length > 0).map(inWords)).toEqual([]);
      const operatedByHand = await byHand(onAll('ACCESS', 'operate'));
      expect(operatedByHand.filter((one) => !isOperation(one)).map(inWords)).toEqual([]);
      await simulator.close();
    },
    300_000,
  );
});
