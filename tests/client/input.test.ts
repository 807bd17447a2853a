import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidArgumentsError, parseArguments } from '../../src/client/input.js';
import { stopVm, toolNamed } from './library.js';

const listVms = toolNamed('proxmox-list-vms');
const vmInfo = toolNamed('proxmox-vm-info');

function faults(tool: Parameters<typeof parseArguments>[0], given: unknown) {
  try {
    parseArguments(tool, given);
  } catch (error) {
    if (error instanceof InvalidArgumentsError) return error.faults;
    throw error;
  }
  return [];
}

describe('the arguments of a call', () => {
  it('may be missing altogether', () => {
    for (const given of [undefined, null, {}]) {
      expect(parseArguments(listVms, given)).toMatchObject({ own: {}, shared: { limit: 100 } });
    }
  });

  it('count as absent where they are null', () => {
    const given = { cluster: null, node: 'pve1', search: null, limit: null, cursor: null, fields: null };
    expect(parseArguments(listVms, given)).toMatchObject({
      own: { node: 'pve1' },
      shared: { node: 'pve1', limit: 100 },
    });
    expect(faults(vmInfo, { vmid: null, name: null })).toEqual([
      { argument: 'vmid', message: "give 'vmid' or 'name'" },
    ]);
  });

  it.each([
    ['clusters', 'cluster'],
    ['clutser', 'cluster'],
    ['Cluster', 'cluster'],
    ['nod', 'node'],
    ['serach', 'search'],
  ])('that are misspelt are refused: %s is nearly %s', (written, meant) => {
    expect(faults(listVms, { [written]: 'x' })).toEqual([
      { argument: written, message: `not an argument of this tool; did you mean '${meant}'?` },
    ]);
  });

  it('that are unknown are refused with those there are', () => {
    const [fault] = faults(stopVm, { colour: 'blue' });
    expect(fault?.argument).toBe('colour');
    expect(fault?.message).toBe(
      'not an argument of this tool; this tool takes vmid, name, node, dry_run, confirm, wait, timeout, cluster',
    );
  });

  it('may stand in `more` as well as beside it', () => {
    const given = { node: 'pve1', more: { status: 'running', tag: null, fields: ['vmid'] } };
    expect(parseArguments(listVms, given)).toEqual(
      parseArguments(listVms, { node: 'pve1', status: 'running', fields: ['vmid'] }),
    );
    expect(parseArguments(stopVm, { vmid: 100, more: { dry_run: true } }).shared.dry_run).toBe(true);
    expect(parseArguments(listVms, { more: null })).toMatchObject({ own: {} });
  });

  it.each([
    [{ more: 'status' }, 'more', 'an object of further arguments'],
    [{ more: ['status'] }, 'more', 'an object of further arguments'],
    [{ status: 'running', more: { status: 'stopped' } }, 'more.status', 'stands beside it too'],
    [{ more: { clutser: 'staging' } }, 'clutser', "not an argument of this tool; did you mean 'cluster'?"],
    [{ more: { more: {} } }, 'more', 'not an argument of this tool'],
  ])('%j is refused', (given, argument, message) => {
    const [fault] = faults(listVms, given);
    expect(fault?.argument).toBe(argument);
    expect(fault?.message).toContain(message);
  });

  it('that are null and unknown too: a misspelt name with null is no harm', () => {
    expect(faults(listVms, { clustr: null })).toEqual([]);
  });

  it('are all told of at once', () => {
    const found = faults(listVms, { limit: 0, cursor: 7, nodde: 'x' });
    expect(found.map(({ argument }) => argument).sort()).toEqual(['cursor', 'limit', 'nodde']);
  });

  it.each([
    ['vmid', 99],
    ['vmid', 1_000_000_000],
    ['vmid', 100.5],
    ['vmid', '100'],
    ['name', ''],
    ['cluster', ''],
    ['cluster', 7],
    ['node', ['pve1']],
  ])('are checked: %s %j', (argument, value) => {
    expect(faults(vmInfo, { vmid: 100, [argument]: value }).map((fault) => fault.argument)).toEqual([argument]);
  });

  it.each([
    ['203.0.113.1', ['must be a list (servers: Up to 3 addresses)']],
    ['', ['must be a list (servers: Up to 3 addresses)']],
    [{ length: 9 }, ['must be a list (servers: Up to 3 addresses)']],
    [['1', '2', '3', '4'], ['must have at most 3 entries (servers: Up to 3 addresses)']],
    [[], ['must not be empty (servers: Up to 3 addresses)']],
    [['1', 2], ['must be text (servers: Up to 3 addresses)']],
  ])('are told of by their type, and measured where that is right: %j', (servers, messages) => {
    const found = faults(toolNamed('proxmox-set-node-dns'), { node: 'pve1', servers });
    expect(found.map(({ message }) => message)).toEqual(messages);
  });

  it('must name a guest where the tool works on one', () => {
    expect(faults(stopVm, { cluster: 'production' })).toEqual([{ argument: 'vmid', message: "give 'vmid' or 'name'" }]);
  });

  it.each([[[]], ['vmid=100'], [7], [true]])('are an object: %j is none', (given) => {
    expect(faults(listVms, given)).toHaveLength(1);
  });

  it('never reach the tool when one of them is unknown, whatever it is called', () => {
    const known = ['node', 'status', 'search', 'tag', 'pool', 'limit', 'cursor', 'fields', 'cluster'];
    const unknown = fc.string().filter((name) => !known.includes(name) && name !== '__proto__');
    fc.assert(
      fc.property(unknown, fc.jsonValue(), (name, value) => {
        fc.pre(value !== null);
        expect(faults(listVms, { [name]: value }).map(({ argument }) => argument)).toEqual([name]);
      }),
    );
    expect(faults(listVms, JSON.parse('{"__proto__":{"cluster":"x"}}'))).not.toEqual([]);
  });
});
