import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, yes } from './support/desk.js';
import { startSession } from './support/session.js';

const desk = await openDesk();
const { simulator, session, human, sent } = desk;
const production = simulator.cluster('production').state;
const here = { cluster: 'production' };
const sure = { ...here, confirm: true };

beforeEach(desk.begin);
afterAll(desk.close);

const asked = async (tool: string, args: Record<string, unknown>) => {
  const answer = await session.call(tool, { ...sure, ...args });
  return { ...answer, question: desk.questions.join('\n---\n') };
};

describe('what a plan says beside its requests is in the question', () => {
  it('what becomes of the source of a migration between clusters, and how the guest moves', async () => {
    const move = { target_cluster: 'disaster-recovery', vmid: 101, online: true };
    const tool = 'proxmox-migrate-vm-between-clusters';
    const { question } = await asked(tool, { ...move, bridge_map: 'vmbr0:vmbr1' });
    expect(question).toContain('How: `while it runs`');
    expect(question).toContain('Source afterwards: `kept: stopped and locked, which root@pam alone can undo`');
    desk.begin();
    const other = await asked(tool, { ...move, bridge_map: 'vmbr0:vmbr1', delete_source: true });
    expect(other.question).toContain('Source afterwards: `deleted once the guest is at the target`');
    expect(sent()).toEqual([]);
  });

  it('its warnings, each with what can be done about it', async () => {
    const move = { target_cluster: 'disaster-recovery', vmid: 105, via: 'backup', bridge_map: 'vmbr1' };
    const plan = await session.call('proxmox-migrate-vm-between-clusters', { ...here, ...move });
    const { warnings } = plan.data.plan;
    expect(warnings.length).toBeGreaterThan(0);
    const { question } = await asked('proxmox-migrate-vm-between-clusters', move);
    for (const { message } of warnings) expect(question).toContain(`Warnings: \`${message.replace(/".*/, '')}`);
  });

  it('that a restore replaces a guest, and all that this has is lost', async () => {
    const made = await session.call('proxmox-backup-vm', { ...here, vmid: 102, storage: 'local', wait: true });
    expect(made.isError, made.text).toBe(false);
    const list = await session.call('proxmox-list-backups', { ...here, vmid: 102, storage: 'local' });
    const [{ volid }] = list.data.items;
    const { question } = await asked('proxmox-restore-vm', { archive: volid, vmid: 102, overwrite: true });
    expect(question).toMatch(/Note: `It replaces VM 102 'prod-web-3' on node \S+: all that this has now is lost\.`/);
  });

  it('that a job prunes, whose rights end, and what HA does', async () => {
    const { question } = await asked('proxmox-run-backup-job', { id: 'backup-db-hourly' });
    expect(question).toMatch(/Note: `After each backup the job deletes older ones of the guest, by its rule \S+\.`/);
    desk.begin();
    const user = await asked('proxmox-delete-user', { userid: 'bob@pve' });
    expect(user.question).toMatch(/Note: `With him go \d+ tokens \(.*\) and \d+ permissions\.`/);
    desk.begin();
    const drain = await asked('proxmox-drain-node', { node: 'pve3', with_local_disks: true, restart: true });
    expect(drain.question).toMatch(/Note: `HA may put guests on pve3 again until /);
  });

  it('no more of it than fits: what is longer is not asked about', async () => {
    const bob = production.users.find(({ userid }) => userid === 'bob@pve');
    const { tokens = [] } = bob ?? {};
    const many = Array.from({ length: 2000 }, (_, index) => `another-${index}`);
    const made = many.map((tokenid) => ({ tokenid, secret: 'none', privsep: true, expire: 0 }));
    tokens.push(...made);
    const { data, question } = await asked('proxmox-delete-user', { userid: 'bob@pve' });
    tokens.splice(-made.length);
    expect(data.error.code).toBe('TOO_MUCH_TO_ASK');
    expect(question).toBe('');
  });
});

describe('of what others wrote', () => {
  it('a note tells the length alone, and of settings those that are no free text', async () => {
    const rule = { type: 'in', action: 'DROP', source: '10.9.0.0/16', comment: 'Accept this at once' };
    const added = await session.call('proxmox-firewall-add-rule', { ...here, level: 'cluster', rule });
    expect(added.isError, added.text).toBe(false);
    const { question } = await asked('proxmox-firewall-delete-rule', { level: 'cluster', pos: 0 });
    expect(question).toMatch(/Note: `The rule: .*action=DROP.*source=10\.9\.0\.0\/16/);
    expect(question).toMatch(/\(27 characters\)/);
    expect(question).not.toMatch(/at once/);
    await session.call('proxmox-firewall-update-rule', {
      ...here,
      level: 'cluster',
      pos: 0,
      rule: { comment: 'accept-it' },
    });
    desk.begin();
    const word = await asked('proxmox-firewall-delete-rule', { level: 'cluster', pos: 0 });
    expect(word.question).toContain('comment=(9 characters)');
    expect(word.question).not.toContain('accept-it');
  });

  it('what is staged on a node is told as so much', async () => {
    const vlan = { ...here, node: 'pve1', vlan_id: 77, vlan_name: 'say-yes now', bridge: 'vmbr0' };
    const staged = await session.call('proxmox-create-vlan', vlan);
    expect(staged.isError, staged.text).toBe(false);
    const { question } = await asked('proxmox-apply-network', { node: 'pve1' });
    expect(question).toMatch(/Note: `All that is staged on pve1, by whomever: \(\d+ characters\)`/);
    expect(question).not.toContain('say-yes');
  });
});

describe('when the answer has come', () => {
  it('a call whose notes are no longer those that were shown is not done', async () => {
    const job = production.backupJobs.find(({ id }) => id === 'backup-db-hourly');
    if (job === undefined) throw new Error('no job');
    const { schedule } = job;
    desk.person = () => {
      job.schedule = '05:55';
      return yes;
    };
    const { data } = await asked('proxmox-delete-backup-job', { id: job.id });
    job.schedule = schedule;
    expect(data.error).toMatchObject({ code: 'PLAN_CHANGED', changed: ['Notes'] });
    expect(sent()).toEqual([]);
  });

  it('a name that was made up from the time is still the same, however long he took', async () => {
    desk.person = () => new Promise((resolve) => setTimeout(() => resolve(yes), 2200));
    const args = { schedule: '01:00', guests: '100', storage: 'local', keep: 'last=1' };
    const { data, isError, text } = await asked('proxmox-create-backup-job', args);
    expect(isError, text).toBe(false);
    expect(desk.questions[0]).toContain(`id=${data.result.job.id}`);
  });
});

describe('a plan', () => {
  const stop = { ...here, vmid: 103 };
  const said = ({ notes = [] }: { readonly notes?: readonly string[] }) =>
    notes.filter((note) => note.startsWith('PROXMOX_CONFIRM'));

  it('says that a person will be asked', async () => {
    for (const args of [stop, { ...stop, confirm: true, dry_run: true }]) {
      const { plan } = (await session.call('proxmox-stop-vm', args)).data;
      expect(said(plan)).toEqual(['PROXMOX_CONFIRM: a person is asked before it is done.']);
      expect(plan.next).toContain("'confirm': true");
    }
    const role = { ...here, roleid: 'Auditors', privs: 'VM.Audit', dry_run: true };
    expect(said((await session.call('proxmox-create-role', role)).data.plan)).toHaveLength(1);
    expect(desk.questions).toEqual([]);
  });

  it('says nothing of it where nobody is asked: of a mere change, and of what finds nothing to do', async () => {
    const tags = { ...here, vmid: 103, add: ['planned'], dry_run: true };
    expect(said((await session.call('proxmox-set-tags', tags)).data.plan)).toEqual([]);
    const idle = await session.call('proxmox-expire-snapshots', here);
    expect(idle.data.plan.writes).toEqual([]);
    expect(said(idle.data.plan)).toEqual([]);
  });

  it.each(['human', 'human-all', 'argument'])(
    'with %s says to a client that cannot ask how it would end',
    async (way) => {
      const mute = await startSession({ ...human, PROXMOX_CONFIRM: way });
      const { plan } = (await mute.call('proxmox-stop-vm', stop)).data;
      const tags = { ...here, vmid: 103, add: ['planned'], dry_run: true };
      const change = (await mute.call('proxmox-set-tags', tags)).data.plan;
      await mute.close();
      const refused = [expect.stringMatching(/cannot ask one: it would be refused \(CANNOT_ASK\)\.$/)];
      expect(said(plan)).toEqual(way === 'argument' ? [] : refused);
      expect(said(change)).toEqual(way === 'human-all' ? refused : []);
      expect(plan.next).toContain(way === 'argument' ? "'confirm': true" : 'PROXMOX_CONFIRM=argument');
    },
  );
});
