import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RawServer, startRawServer } from '../pve/raw-server.js';
import { type Session, startSession } from '../support/session.js';

// A change that takes longer than the 5 s that the server waits for it: the simulator has none.

const upid = 'UPID:pve1:00000001:00000000:6A000000:qmconfig:100:mcp@pve!test:';
const paths = {
  '/cluster/resources': [
    { type: 'qemu', id: 'qemu/100', vmid: 100, node: 'pve1', name: 'web', status: 'running', template: 0 },
    { type: 'node', id: 'node/pve1', node: 'pve1', status: 'online' },
  ],
  '/nodes/pve1/qemu/100/pending': [{ key: 'cores', value: 2, pending: 4 }],
  '/nodes/pve1/qemu/100/cloudinit': null,
};

let ended: { status: string; exitstatus?: string };
let server: RawServer;
let session: Session;

function answerTo(method: string, path: string): unknown {
  if (path.endsWith('/config'))
    return method === 'POST' ? upid : { cores: 2, ide2: 'local:vm-100-cloudinit,media=cdrom', digest: 'a'.repeat(40) };
  if (path.endsWith('/status'))
    return {
      upid,
      node: 'pve1',
      type: 'qmconfig',
      id: '100',
      user: 'mcp@pve!test',
      starttime: 1,
      pid: 1,
      pstart: 1,
      ...ended,
    };
  if (path.endsWith('/log')) return [];
  return new Map<string, unknown>(Object.entries(paths)).get(path) ?? null;
}

beforeEach(async () => {
  server = await startRawServer((response, { method, target }) => {
    const path = new URL(target, 'http://pve').pathname.replace('/api2/json', '');
    response.end(JSON.stringify({ data: answerTo(method, path) }));
  });
  session = await startSession({
    PROXMOX_API_URL: server.url,
    PROXMOX_TOKEN_ID: 'mcp@pve!test',
    PROXMOX_TOKEN_SECRET: '11111111-2222-3333-4444-555555555555',
    PROXMOX_CLUSTER_VALIDATION: 'false',
  });
});
afterEach(async () => {
  await session.close();
  await server.close();
});

const asked = (word: string) => server.requests.filter(({ target }) => target.includes(word)).length;

it('tells what waits for a restart once the task has ended', async () => {
  ended = { status: 'stopped', exitstatus: 'OK' };
  const { data, text, isError } = await session.call('proxmox-configure-vm', { vmid: 100, params: { cores: 4 } });
  expect(isError, text).toBe(false);
  expect(data.result).toMatchObject({
    set: ['cores'],
    upid,
    task: { state: 'ok' },
    pending: [{ key: 'cores', current: '2', pending: '4' }],
    needs_restart: true,
  });
});

it.each(['proxmox-configure-vm', 'proxmox-cloudinit-set'])(
  '%s tells nothing set where the task failed',
  async (tool) => {
    ended = { status: 'stopped', exitstatus: 'no space left' };
    const args = tool === 'proxmox-configure-vm' ? { params: { onboot: true } } : { ciuser: 'ops' };
    const { data, isError } = await session.call(tool, { vmid: 100, ...args });
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({ task: { state: 'failed', exitstatus: 'no space left' } });
    expect(data.result).not.toHaveProperty('set');
    expect(data.notes.join()).toContain(`Asked: set ${tool === 'proxmox-configure-vm' ? 'onboot' : 'ciuser'}.`);
    expect(asked('/pending')).toBe(0);
  },
);

it.each([
  ['proxmox-configure-vm', { params: { onboot: true } }],
  ['proxmox-cloudinit-set', { ciuser: 'ops' }],
])('%s does not wait where it is not to', async (tool, args) => {
  ended = { status: 'running' };
  const { data, isError, text } = await session.call(tool, { vmid: 100, ...args, wait: false });
  expect(isError, text).toBe(false);
  expect(data.result).toMatchObject({ vmid: 100, upid });
  expect(data.result).not.toHaveProperty('set');
  expect(asked('/tasks/')).toBe(0);
});

it('setting cloud-init is no error where the time is up', async () => {
  ended = { status: 'running' };
  const { data, isError, text } = await session.call('proxmox-cloudinit-set', { vmid: 100, ciuser: 'ops', timeout: 1 });
  expect(isError, text).toBe(false);
  expect(data.result).toMatchObject({ upid, task: { state: 'running' } });
  expect(data.notes.join()).toContain('next start');
});
