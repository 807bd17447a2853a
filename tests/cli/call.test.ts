import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printed } from '../../src/cli/call.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { runCommand } from './run-command.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const call = (...operands: string[]) => runCommand(['call', ...operands], simulator.env());

describe('an answer', () => {
  it('is JSON on standard output', async () => {
    const { code, stdout, stderr } = await call('proxmox-list-vms', '{"cluster":"staging","limit":1}');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      cluster: 'staging',
      via: 'explicit',
      items: [{ vmid: 200 }],
      total: 11,
    });
  });

  it('comes without arguments, and for a name without its prefix', async () => {
    const { code, stdout } = await call('list-all-clusters');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).result.default_cluster).toBe('production');
  });
});

it('is printed as it is when it is no JSON', () => {
  expect(printed({ structured: undefined, text: '{"error":{"code":"X"... (cut)' })).toBe(
    '{"error":{"code":"X"... (cut)',
  );
  expect(printed({ structured: undefined, text: '{"a":1}' })).toBe('{\n  "a": 1\n}');
});

describe('an error', () => {
  it('of the tool is exit code 1, and JSON too', async () => {
    const { code, stdout } = await call('proxmox-vm-info', '{"cluster":"staging","vmid":4711}');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error.code).toBe('GUEST_NOT_FOUND');
  });

  it('in the arguments names the argument', async () => {
    const { code, stdout } = await call('proxmox-list-vms', '{"clsuter":"staging"}');
    expect(code).toBe(1);
    expect(stdout).toContain("did you mean 'cluster'?");
  });

  it.each([
    [['proxmox-list-vmx'], "did you mean 'proxmox-list-vms'?"],
    [[], 'needs the name of a tool'],
    [['proxmox-list-vms', '{cluster}'], 'one JSON object'],
  ])('in the command %j is exit code 2', async (operands, said) => {
    const { code, stdout, stderr } = await call(...operands);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  it('of the configuration is exit code 2, with where it was looked for', async () => {
    const { code, stderr } = await runCommand(['call', 'proxmox-list-vms']);
    expect(code).toBe(2);
    expect(stderr).toContain('PROXMOX_CLUSTERS is not set');
    expect(stderr).toContain('/nonexistent/.config/proxmox-mcp/.env');
  });
});
