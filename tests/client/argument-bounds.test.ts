import { describe, expect, it } from 'vitest';
import { boundFaults } from '../../src/client/argument-bounds.js';
import { InvalidArgumentsError, parseArguments } from '../../src/client/input.js';
import { toolNamed } from './library.js';

const configure = toolNamed('proxmox-configure-vm');

function faults(given: unknown) {
  try {
    parseArguments(configure, given);
  } catch (error) {
    if (error instanceof InvalidArgumentsError) return error.faults;
    throw error;
  }
  return [];
}

const deep = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
const params = (value: unknown) => ({ vmid: 100, params: { description: value } });

describe('arguments that no tool takes', () => {
  it.each([33, 1000, 10_000, 100_000])('are nested %d deep', (depth) => {
    expect(faults(params(deep(depth)))).toEqual([{ argument: 'params', message: 'is nested more than 32 deep' }]);
    expect(faults(deep(depth + 1))).toEqual([{ argument: 'arguments', message: 'is nested more than 32 deep' }]);
  });

  it('hold a text of ten million characters', () => {
    const message = 'must have at most 1048576 characters';
    expect(faults(params('x'.repeat(10_000_000)))).toEqual([{ argument: 'params', message }]);
    expect(faults({ vmid: 'x'.repeat(10_000_000) })).toEqual([{ argument: 'vmid', message }]);
  });

  it('hold a name of ten million characters', () => {
    const message = 'has a name of 10000000 characters';
    expect(faults({ ['x'.repeat(10_000_000)]: 1 })).toEqual([{ argument: 'arguments', message }]);
    expect(faults({ params: { ['x'.repeat(10_000_000)]: 1 } })).toEqual([{ argument: 'params', message }]);
  });

  it('hold half of a character', () => {
    const message = 'has half of a character (an unpaired surrogate)';
    expect(faults(params('a\ud800'))).toEqual([{ argument: 'params', message }]);
    expect(faults({ vmid: 100, more: { node: '\udc00' } })).toEqual([{ argument: 'more', message }]);
    expect(faults({ params: { 'a\ud800': 1 } })).toEqual([
      { argument: 'params', message: 'has a name with half of a character (an unpaired surrogate)' },
    ]);
  });

  it('hold a NUL, but for what a guest is given as it is', () => {
    const message = 'holds a NUL character';
    expect(faults(params('a\0'))).toEqual([{ argument: 'params', message }]);
    expect(faults({ more: { users: 'a\0b@pve' } })).toEqual([{ argument: 'more', message }]);
    expect(faults({ params: { content: 'iso\0' } })).toEqual([{ argument: 'params', message }]);
    expect(boundFaults({ content: '\0', more: { input: '\0' } })).toEqual([]);
  });

  it('hold a million values', () => {
    const message = 'has more than 20000 values';
    expect(faults(params(Array.from({ length: 1_000_000 }, () => 1)))).toEqual([{ argument: 'params', message }]);
    const nested = Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => 1));
    expect(faults(params(nested))).toEqual([{ argument: 'params', message }]);
  });

  it('are not those of a text with every kind of character', () => {
    expect(faults(params('é😀\u202e\n'))).toEqual([]);
  });
});
