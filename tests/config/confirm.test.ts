import { describe, expect, it } from 'vitest';
import { configOf, faultsOf, multi, single, warningsOf } from './environments.js';

describe('PROXMOX_CONFIRM', () => {
  it.each([
    ['human', 'human'],
    [' Human ', 'human'],
    ['argument', 'argument'],
    [undefined, undefined],
  ])('%j is %s', (written, confirm) => {
    for (const env of [single({ PROXMOX_CONFIRM: written }), multi(['a'], { PROXMOX_CONFIRM: written })]) {
      expect(configOf(env).confirm).toBe(confirm);
      expect(warningsOf(env)).toEqual([]);
    }
  });

  it('is a fault when it is anything else, with what was probably meant', () => {
    expect(faultsOf(single({ PROXMOX_CONFIRM: 'humam' }))).toEqual([
      "PROXMOX_CONFIRM is 'humam': write argument, human, human-all; did you mean human?",
    ]);
    expect(faultsOf(single({ PROXMOX_CONFIRM: 'true' }))).toEqual([
      "PROXMOX_CONFIRM is 'true': write argument, human, human-all",
    ]);
  });
});
