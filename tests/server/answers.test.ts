import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
const quiet = { PROXMOX_CLUSTER_VALIDATION: 'false' };

beforeAll(async () => {
  simulator = await startSimulator({ world: 'large', clusters: 2, guests: 500, authDelayMs: 10 });
  session = await startSession({ ...simulator.env(), ...quiet });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

describe('an answer', () => {
  it('stays under 25,000 characters, says what was left out, and goes on from there', async () => {
    const first = await session.call('proxmox-list-vms', { cluster: 'cluster-1', limit: 1000 });
    expect(first.text.length).toBeLessThanOrEqual(25_000);
    expect(first.data.cut).toContain('25000 characters');
    const shown = first.data.items.length;
    expect(shown).toBeGreaterThan(50);
    expect(first.data.total).toBeGreaterThan(shown);
    const args = { cluster: 'cluster-1', limit: 1000, cursor: first.data.next_cursor };
    const second = await session.call('proxmox-list-vms', args);
    expect(second.data.items[0].vmid).toBeGreaterThan(first.data.items[shown - 1].vmid);
  });

  it('is the same in structuredContent and in the text', async () => {
    const { data, text } = await session.call('proxmox-list-nodes', { cluster: 'all' });
    expect(JSON.parse(text)).toEqual(data);
    expect(text).not.toMatch(/\n| {2}/);
  });

  it('shows only the fields that were asked for, and refuses unknown ones', async () => {
    const { data } = await session.call('proxmox-list-vms', { fields: ['vmid', 'name'], limit: 1 });
    expect(Object.keys(data.items[0])).toEqual(['vmid', 'name']);
    const wrong = await session.call('proxmox-list-vms', { fields: ['vmid', 'nmae'] });
    expect(wrong.data.error.arguments[0]).toMatchObject({ argument: 'fields' });
    expect(wrong.data.error.arguments[0].message).toContain("no field 'nmae'");
  });

  it('refuses a cursor that it did not give', async () => {
    const { data } = await session.call('proxmox-list-vms', { cursor: 'abc' });
    expect(data.error.arguments).toEqual([
      {
        argument: 'cursor',
        message: 'give the next_cursor of the same call, its other arguments unchanged, or leave it out to start anew',
      },
    ]);
  });

  it('names each argument that is out of its bounds', async () => {
    const { data } = await session.call('proxmox-list-vms', { limit: 0, cluster: '' });
    expect(data.error.arguments.map(({ argument }: { argument: string }) => argument).sort()).toEqual([
      'cluster',
      'limit',
    ]);
  });
});

describe('what a guest can write', () => {
  it('reaches nobody with control, bidi or escape characters in it', async () => {
    const [guest] = simulator.cluster('cluster-1').state.guests;
    if (guest === undefined) throw new Error('the world has no guests');
    const before = guest.config.tags;
    guest.config.tags = 'a\u001b[31mred\u202eevil\u0007\u{e0041}b';
    const { text } = await session.call('proxmox-list-all-vms-from-all-clusters', { cluster: 'cluster-1', limit: 5 });
    guest.config.tags = before ?? '';
    expect(text).toContain('aredevilb');
  });
});

describe('a secret', () => {
  const secret = 'p/s+s%w"o\\rd-é-1234567890';

  it('leaves neither in an answer nor in the log, however it is written', async () => {
    const cluster = simulator.cluster('cluster-1');
    const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
    const echo = `bad: ${secret} ${encodeURIComponent(secret)} PVEAPIToken=a@pve!b=0af3d0e8-1111-2222-3333-444455556666`;
    cluster.setFault({ kind: 'status', status: 500, reason: Buffer.from(echo).toString('latin1') });
    const env = { ...simulator.env(), ...quiet, PROXMOX_LOG_LEVEL: 'trace', PROXMOX_PLANTED_SECRET: secret };
    const other = await startSession(env);
    const { text, isError } = await other.call('proxmox-list-nodes', { cluster: 'cluster-1' });
    await other.close();
    cluster.setFault(undefined);
    expect(isError).toBe(true);
    expect(text).toContain('[redacted]');
    for (const written of [...spellings, '0af3d0e8-1111-2222-3333-444455556666', cluster.tokenSecret]) {
      expect(text).not.toContain(written);
      expect(other.stderr()).not.toContain(written);
    }
  });
});

describe('an error', () => {
  it('names the missing privilege, its path and the command that grants it', async () => {
    const cluster = simulator.cluster('cluster-1');
    const secret = cluster.addToken('reader@pve!few', { '/vms': ['VM.Audit'] });
    const env: Record<string, string> = { ...simulator.env(), ...quiet };
    env.PROXMOX_CLUSTER_cluster_1_TOKEN_ID = 'reader@pve!few';
    env.PROXMOX_CLUSTER_cluster_1_TOKEN_SECRET = secret;
    const limited = await startSession(env);
    const node = cluster.state.nodes[0]?.node;
    const { data } = await limited.call('proxmox-node-status', { node, cluster: 'cluster-1' });
    await limited.close();
    expect(data.error.code).toBe('PRIVILEGE_MISSING');
    expect(data.error.message).toContain(`lacks Sys.Audit on /nodes/${node}`);
    expect(data.error.next).toContain(`pveum acl modify /nodes/${node} --tokens 'reader@pve!few' --roles PVEAuditor`);
  });

  it('names the fingerprint seen when the pinned one is another', async () => {
    const cluster = simulator.cluster('cluster-1');
    const env: Record<string, string> = { ...simulator.env(), ...quiet };
    env.PROXMOX_CLUSTER_cluster_1_FINGERPRINT = 'AB:'.repeat(31).concat('AB');
    const before = cluster.requests.length;
    const pinned = await startSession(env);
    const { data } = await pinned.call('proxmox-list-nodes', { cluster: 'cluster-1' });
    await pinned.close();
    expect(data.error).toMatchObject({ code: 'CERTIFICATE_REFUSED', fingerprint_seen: cluster.fingerprint });
    expect(cluster.requests.length).toBe(before);
  });

  it('says that a token is refused', async () => {
    const env: Record<string, string> = { ...simulator.env(), ...quiet };
    env.PROXMOX_CLUSTER_cluster_1_TOKEN_SECRET = '00000000-0000-0000-0000-000000000000';
    const refused = await startSession(env);
    const { data } = await refused.call('proxmox-list-nodes', { cluster: 'cluster-1' });
    await refused.close();
    expect(data.error).toMatchObject({ code: 'TOKEN_REFUSED', status: 401 });
  });
});
