import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

const place = { cluster: 'production', storage: 'local', node: 'pve2' };
let simulator: Simulator;
let session: Session;
let before = 0;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 40 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const writes = () => simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
const volume = (volid: string) =>
  simulator
    .cluster('production')
    .state.storages.flatMap(({ volumes }) => volumes)
    .find((one) => one.volid === volid && one.node === 'pve2');

beforeEach(() => {
  before = writes().length;
});

async function asToken(roles: Record<string, string[]>, tool: string, args: Record<string, unknown>) {
  const id = `few@pve!t${before}`;
  const secret = simulator.cluster('production').addToken(id, roles);
  const limited = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_TOKEN_ID: id,
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
  const answer = await limited.call(tool, args);
  await limited.close();
  return answer;
}

describe('a download from a URL', () => {
  it('is fetched by the node, named and sorted by its ending', async () => {
    const url = 'https://example.com/images/new%20one.iso?x=1';
    const { data, isError } = await session.call('proxmox-download-url', { ...place, url });
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({
      volid: 'local:iso/new_20one.iso',
      node: 'pve2',
      size: expect.any(Number),
      task: { state: 'ok' },
    });
    expect(volume('local:iso/new_20one.iso')?.size).toBe(data.result.size);
    expect(writes().at(-1)?.params).toEqual({ url, filename: 'new_20one.iso', content: 'iso' });
  });

  it('is shown by a plan with all that would be sent', async () => {
    const args = {
      ...place,
      url: 'https://example.com/noble.img.gz',
      compression: 'gz',
      checksum: 'a'.repeat(128),
      verify_certificates: false,
      dry_run: true,
    };
    const { data } = await session.call('proxmox-download-url', args);
    expect(data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve2/storage/local/download-url',
        parameters: {
          url: args.url,
          filename: 'noble.img',
          content: 'iso',
          checksum: args.checksum,
          'checksum-algorithm': 'sha512',
          compression: 'gz',
          'verify-certificates': false,
        },
      },
    ]);
    expect(writes()).toHaveLength(before);
  });

  it('does not show a password in its URL', async () => {
    const url = 'https://me:S3cret@example.com/secret.iso';
    const { data, text } = await session.call('proxmox-download-url', { ...place, url, dry_run: true });
    expect(data.plan.writes[0].parameters.url).toBe('https://[not shown]@example.com/secret.iso');
    expect(text).not.toContain('S3cret');
  });

  it('is an error where its task fails; what could not be looked at is told', async () => {
    const { data, isError } = await session.call('proxmox-download-url', { ...place, url: 'https://a.invalid/x.iso' });
    expect(isError).toBe(true);
    expect(data.result.task).toMatchObject({
      state: 'failed',
      exitstatus: expect.stringContaining('unable to resolve'),
    });
    expect(data.notes[0]).toContain('could not be looked at');
    const sum = await session.call('proxmox-download-url', {
      ...place,
      url: 'https://example.com/y.iso',
      checksum: '0'.repeat(64),
    });
    expect(sum.data.result.task.exitstatus).toContain('checksum mismatch');
  });

  it.each([
    [{ url: 'https://example.com/x.qcow2', compression: 'gz' }, 'compression'],
    [{ url: 'https://example.com/download' }, 'url'],
    [{ url: 'https://example.com/x.iso', filename: 'x.qcow2', content: 'iso' }, 'filename'],
    [{ url: 'https://example.com/x.iso', checksum: 'abc' }, 'checksum'],
    [{ url: 'file:///etc/passwd' }, 'url'],
  ])('%j is not sent', async (args, argument) => {
    const { data } = await session.call('proxmox-download-url', { ...place, ...args });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
    expect(writes()).toHaveLength(before);
  });

  it('replaces nothing', async () => {
    const url = 'https://example.com/debian-12.11.0-amd64-netinst.iso';
    const { data } = await session.call('proxmox-download-url', { ...place, url });
    expect(data.error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('filename') });
    expect(writes()).toHaveLength(before);
  });

  it('needs privileges, and names what is missing', async () => {
    const args = { ...place, url: 'https://example.com/z.iso' };
    const { data } = await asToken({ '/': ['PVEAuditor'] }, 'proxmox-download-url', args);
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING' });
  });
});

describe('container templates', () => {
  it('are listed by section and text', async () => {
    const { data } = await session.call('proxmox-list-appliances', { cluster: 'production' });
    expect(data.items.map(({ template }: { template: string }) => template)).toEqual(
      data.items.map(({ template }: { template: string }) => template).sort(),
    );
    const some = await session.call('proxmox-list-appliances', { cluster: 'production', search: 'NOBLE' });
    expect(some.data.items).toMatchObject([{ section: 'system', os: 'ubuntu-24' }]);
    const none = await session.call('proxmox-list-appliances', { cluster: 'production', section: 'mail' });
    expect(none.data.items).toEqual([]);
  });

  it('are fetched by name or package', async () => {
    const plan = await session.call('proxmox-download-appliance', {
      ...place,
      template: 'debian-13-standard',
      dry_run: true,
    });
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve2/aplinfo',
        parameters: { storage: 'local', template: 'debian-13-standard_13.1-2_amd64.tar.zst' },
      },
    ]);
    expect(writes()).toHaveLength(before);
    const template = 'debian-13-standard_13.1-2_amd64.tar.zst';
    const { data } = await session.call('proxmox-download-appliance', { ...place, template });
    expect(data.result).toMatchObject({ volid: `local:vztmpl/${template}`, task: { state: 'ok' } });
    expect(volume(`local:vztmpl/${template}`)).toBeDefined();
  });

  it('that do not exist are not asked for', async () => {
    const { data } = await session.call('proxmox-download-appliance', { ...place, template: 'debian-99' });
    expect(data.error.arguments).toMatchObject([{ argument: 'template' }]);
    expect(writes()).toHaveLength(before);
  });

  it('need a privilege on the storage', async () => {
    const args = { ...place, template: 'debian-13-standard' };
    const { data } = await asToken({ '/': ['PVEAuditor'] }, 'proxmox-download-appliance', args);
    expect(data.error.message).toContain('Datastore.AllocateTemplate');
  });
});
