import { describe, expect, test } from 'vitest';
import { callerOf } from '../../src/simulator/caller.js';
import { requirePermission } from '../../src/simulator/permission-check.js';
import type { PermissionCheck } from '../../src/simulator/route.js';
import { makeWorld } from '../../src/simulator/worlds/world.js';

const [cluster] = makeWorld('twins', { now: 1_780_000_000 }).clusters;
if (cluster === undefined) throw new Error('no cluster');
const bob = callerOf(cluster.state, 'bob@pve');
const root = callerOf(cluster.state, 'root@pam');

const audit: PermissionCheck = { path: '/vms/{vmid}', privileges: ['VM.Audit'] };
const clone: PermissionCheck = { path: '/vms/{vmid}', privileges: ['VM.Clone'] };
const raw = new Map([['vmid', ['100']]]);

describe('checks are combined', () => {
  test('all of them: the first that fails is named', () => {
    const both = { allOf: [audit, clone] };
    expect(() => requirePermission(both, bob, raw)).toThrow('Permission check failed (/vms/100, VM.Clone)');
    expect(() => requirePermission(both, root, raw)).not.toThrow();
  });

  test('any of them: none is named', () => {
    expect(() => requirePermission({ anyOf: [clone, audit] }, bob, raw)).not.toThrow();
    expect(() => requirePermission({ anyOf: [clone] }, bob, raw)).toThrow(/^Permission check failed$/);
  });

  test('root himself, and no token of his', () => {
    expect(() => requirePermission('root', root, raw)).not.toThrow();
    const token = callerOf(cluster.state, 'root@pam!any');
    expect(() => requirePermission('root', token, raw)).toThrow('Permission check failed (user != root@pam)');
  });
});
