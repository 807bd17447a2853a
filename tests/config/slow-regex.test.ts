import { describe, expect, it } from 'vitest';
import { whySlow } from '../../src/config/slow-regex.js';
import { faultsOf, multi } from './environments.js';

const group = 'repeats a group in which something repeats or has alternatives';

describe('a regular expression that may take very long', () => {
  it.each([
    ['(a+)+$', group],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', group],
    ['(.*)*x', group],
    ['(a|a)*$', group],
    ['((a|b))+x', group],
    ['(?:a?){30}a', group],
    ['(?<n>\\w*){2,}-', group],
    ['(a{1,9}){5}', group],
    ['(a|b){1,5}', group],
    ['.*.*.*.*x', 'has 4 parts that repeat: at most 3'],
    ['^a|.*.*.*.*x', 'has 4 parts that repeat: at most 3'],
    ['^.*.*.*.*.*x', 'has 5 parts that repeat: at most 4'],
    [`${'a?'.repeat(30)}${'a'.repeat(30)}`, 'has 30 optional parts: at most 8'],
  ])('%s', (source, why) => {
    expect(whySlow(source)).toBe(why);
  });

  it.each([
    '^web\\d+$',
    '^(?:a|b){1,2}$',
    '^(web|db|cache)-\\d+',
    '^(?:prod-)?(eu-)*(us-){0,2}web',
    '(ab)+(cd){2}e+?f{1,3}',
    '^prod-[a-z(|)+*]+-(\\d{2}){3}$',
    '^[a-z]+-[a-z]+-\\w+-\\d+$',
    'a\\+\\*\\(b+\\)+',
    '^(?!web-test|web-old)web-(?=prod)',
    'x{',
    '.*',
  ])('is not %s', (source) => {
    expect(whySlow(source)).toBeUndefined();
  });

  it('is refused in PROXMOX_CLUSTER_PATTERNS, before any name is held against it', () => {
    const PROXMOX_CLUSTER_PATTERNS = '{"/^(a+)+$/":"production"}';
    expect(faultsOf(multi(['production', 'staging'], { PROXMOX_CLUSTER_PATTERNS }))).toEqual([
      expect.stringContaining(`'/^(a+)+$/', which ${group}, and could take minutes on some names: write it simpler`),
    ]);
  });
});
