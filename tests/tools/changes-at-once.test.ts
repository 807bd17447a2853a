import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();

const cluster = () => world.simulator.cluster('production');
const config = (vmid: number) => cluster().state.guests.find((one) => one.vmid === vmid)?.config ?? {};
const slowly = (method: string, path: RegExp, ms: number) => cluster().setFault({ kind: 'slow', ms }, { method, path });
const met = async (hits: number) => {
  while (cluster().faultHits < hits) await new Promise((go) => setTimeout(go, 5));
};
const errors = (done: readonly Answer[]) => done.flatMap(({ text, isError }) => (isError ? [text] : []));
afterEach(() => cluster().setFault(undefined));

describe('calls that change one guest at once', () => {
  it('all go through, and what each has set stands', async () => {
    slowly('GET', /\/102\/config$/, 50);
    const params = [{ cores: 3 }, { memory: 4096 }, { onboot: true }, { name: 'at-once' }, { startup: 'order=3' }];
    const done = await Promise.all(params.map((one) => world.call('proxmox-configure-vm', { vmid: 102, params: one })));
    expect(errors(done)).toEqual([]);
    expect(config(102)).toMatchObject({ cores: 3, memory: '4096', onboot: 1, name: 'at-once', startup: 'order=3' });
  });

  it('do so by whichever tools', async () => {
    slowly('GET', /\/102\/config$/, 50);
    const done = await Promise.all([
      world.call('proxmox-vm-nic-add', { vmid: 102, bridge: 'vmbr0' }),
      world.call('proxmox-set-tags', { vmid: 102, add: ['one'] }),
      world.call('proxmox-vm-notes-update', { vmid: 102, content: 'mine', append: true }),
      world.call('proxmox-set-tags', { vmid: 102, add: ['two'] }),
      world.call('proxmox-set-protection', { vmid: 102, on: true }),
    ]);
    expect(errors(done)).toEqual([]);
    expect(config(102)).toMatchObject({ tags: expect.stringMatching(/one;(.*;)?two/), protection: 1 });
    expect(config(102)).toMatchObject({ net1: expect.stringContaining('vmbr0'), description: expect.any(String) });
    await world.result('proxmox-set-protection', { vmid: 102, on: false, confirm: true });
  });

  it('are refused where somebody else has changed it meanwhile', async () => {
    slowly('POST', /\/102\/config$/, 600);
    const before = cluster().faultHits;
    const pending = world.error('proxmox-configure-vm', { vmid: 102, params: { cores: 5 } });
    await met(before + 1);
    config(102).memory = '2048';
    expect(await pending).toMatchObject({ code: 'CHANGED_MEANWHILE' });
    expect(config(102)).toMatchObject({ cores: 3, memory: '2048' });
  });

  it('hold no plan up, nor a read', async () => {
    slowly('POST', /\/102\/config$/, 1500);
    const before = cluster().faultHits;
    const ended: string[] = [];
    const call = async (word: string, tool: string, args: object) => {
      await world.call(tool, { vmid: 102, ...args });
      ended.push(word);
    };
    const changing = call('change', 'proxmox-configure-vm', { params: { cores: 6 } });
    await met(before + 1);
    await call('plan', 'proxmox-configure-vm', { params: { cores: 7 }, dry_run: true });
    await call('read', 'proxmox-vm-notes-read', {});
    await changing;
    expect(ended).toEqual(['plan', 'read', 'change']);
  });

  it('go on when one of them is cancelled while it waits', async () => {
    slowly('POST', /\/102\/config$/, 600);
    const before = cluster().faultHits;
    const first = world.call('proxmox-configure-vm', { vmid: 102, params: { cores: 1 } });
    await met(before + 1);
    const stop = new AbortController();
    const second = world.call('proxmox-configure-vm', { vmid: 102, params: { cores: 2 } }, stop.signal);
    const third = world.call('proxmox-configure-vm', { vmid: 102, params: { memory: 1024 } });
    stop.abort();
    await expect(second).rejects.toThrow();
    expect(errors(await Promise.all([first, third]))).toEqual([]);
    expect(config(102)).toMatchObject({ cores: 1, memory: '1024' });
  });

  it('wait for one that changes many, and that for them', async () => {
    slowly('GET', /\/config$/, 50);
    const tag = (set_tag: string) =>
      world.call('proxmox-fleet-action', {
        cluster: 'production',
        action: 'tag',
        set_tag,
        pattern: 'prod-*',
        most: 100,
        at_once: 5,
        confirm: true,
      });
    const ones = [101, 102].map((vmid) => world.call('proxmox-set-tags', { vmid, add: ['own'] }));
    const [left, right, ...own] = await Promise.all([tag('left'), tag('right'), ...ones]);
    expect(errors([...own])).toEqual([]);
    for (const { data } of [left, right]) {
      expect(data.result.rows.length).toBeGreaterThan(5);
      const failed = data.result.rows.filter(({ outcome }: { outcome: string }) => outcome !== 'ok');
      expect(failed.map(({ why }: { why: string }) => why)).toEqual(['"VM is locked (backup)"']);
    }
    expect([config(101).tags, config(102).tags].join(' ')).toMatch(/own.* .*own/);
  });

  it('and each another one, crosswise, do not wait for each other for ever', async () => {
    const storage = 'local-lvm';
    const hand = async (vmid: number, target_vmid: number) => {
      await world.result('proxmox-attach-disk', { vmid, size_gb: 1, storage, slot: 'scsi9' });
      await world.result('proxmox-detach-disk', { vmid, disk: 'scsi9', confirm: true });
      return { vmid, disk: 'unused0', target_vmid, target_disk: 'scsi8', confirm: true };
    };
    const moves = [await hand(102, 117), await hand(117, 102)];
    slowly('GET', /\/config$/, 100);
    const done = await Promise.all(moves.map((one) => world.call('proxmox-move-disk', one)));
    const told = done.map(({ data, isError }) => (isError ? data.error.code : 'done'));
    expect(told).toContain('done');
    expect(['done', 'CHANGED_MEANWHILE']).toEqual(expect.arrayContaining(told));
  }, 30_000);
});

describe('calls that change one list at once', () => {
  it('put all their rules into it', async () => {
    slowly('GET', /\/firewall\/rules$/, 50);
    const rules = ['10', '20', '30', '40'].map((dport) => ({ type: 'in', action: 'ACCEPT', proto: 'tcp', dport }));
    const done = await Promise.all(
      rules.map((rule) => world.call('proxmox-firewall-add-rule', { level: 'guest', vmid: 102, rule })),
    );
    expect(errors(done)).toEqual([]);
    const { data } = await world.call('proxmox-firewall-get', { level: 'guest', vmid: 102 });
    expect(JSON.stringify(data)).toMatch(/(?=.*"10")(?=.*"20")(?=.*"30")(?=.*"40")/);
  });

  it('change the resources of HA, whose digest is that of all', async () => {
    slowly('GET', /\/ha\/resources/, 50);
    const managed = cluster()
      .state.haResources.slice(0, 2)
      .map(({ sid }) => Number(sid.split(':')[1]));
    const update = (vmid: number) => world.call('proxmox-ha-update', { vmid, comment: `of ${vmid}`, confirm: true });
    expect(managed).toHaveLength(2);
    expect(errors(await Promise.all(managed.map(update)))).toEqual([]);
  });
});
