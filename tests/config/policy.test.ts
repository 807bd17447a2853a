import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { itemsOf, parseRule, ruleKinds } from '../../src/config/policy.js';
import { repeatedKeys } from '../../src/config/repeated-keys.js';
import type { SecretFile } from '../../src/config/secret-access.js';
import { configOf, type Env, faultsOf, multi, single, warningsOf } from './environments.js';

const fileOf = (content: unknown, exposed?: { readable: boolean; writable: boolean; mode: string }) => ({
  readFile: (): SecretFile => ({
    text: typeof content === 'string' ? content : JSON.stringify(content),
    ...(exposed === undefined ? {} : { exposed }),
  }),
});
const withRoles = (more: Env = {}) => single({ PROXMOX_ROLES_FILE: '/etc/roles.json', ...more });
const policyOf = (env: Env) => configOf(env).clusters[0]?.policy;

describe('the rules of a cluster', () => {
  it('are none where nothing is set', () => {
    expect(policyOf(single())).toBeUndefined();
  });

  it('come from its variables, in both forms, with the name that was written', () => {
    expect(policyOf(single({ PROXMOX_ACCESS: 'operate', PROXMOX_ALLOW_VMIDS: '100-199, 500' }))).toEqual([
      { kind: 'access', value: 'operate', from: 'PROXMOX_ACCESS' },
      {
        kind: 'allow_vmids',
        value: [
          { from: 100, to: 199 },
          { from: 500, to: 500 },
        ],
        from: 'PROXMOX_ALLOW_VMIDS',
      },
    ]);
    const many = multi(['a-b', 'c'], { PROXMOX_CLUSTER_A_B_PROTECT_TAGS: 'keep;prod' });
    const [first, second] = configOf(many).clusters;
    expect(first?.policy).toEqual([
      { kind: 'protect_tags', value: ['keep', 'prod'], from: 'PROXMOX_CLUSTER_A_B_PROTECT_TAGS' },
    ]);
    expect(second?.policy).toBeUndefined();
  });

  it.each([
    [{ PROXMOX_ACCESS: 'reed' }, "PROXMOX_ACCESS is 'reed': write read, operate or full (did you mean read?)"],
    [{ PROXMOX_ACCESS: 'read,full' }, "PROXMOX_ACCESS is 'read,full': write read, operate or full"],
    [{ PROXMOX_ALLOW_VMIDS: '199-100' }, 'which ends before it starts'],
    [{ PROXMOX_ALLOW_VMIDS: '99' }, 'write VMIDs from 100'],
    [{ PROXMOX_ALLOW_VMIDS: ',' }, 'names nothing'],
    [{ PROXMOX_ALLOW_POOLS: 'a//b' }, "has 'a//b': write names"],
    [{ PROXMOX_ALLOW_TOOLS: ',' }, 'names nothing'],
    [{ PROXMOX_DENY_TOOLS: 'proxmox-[a]' }, 'write names, such as proxmox-delete-*'],
    [{ PROXMOX_PROTECT_TAGS: '*' }, "has '*': write names"],
    [{ PROXMOX_ROLE: 'viewers' }, 'PROXMOX_ROLE names a role: set PROXMOX_ROLES_FILE'],
    [{ PROXMOX_MATCH_PRIVILEGES: 'perhaps' }, 'PROXMOX_MATCH_PRIVILEGES'],
  ])('are refused where they are wrong: %j', (env, said) => {
    expect(faultsOf(single(env)).join('\n')).toContain(said);
  });

  it('takes every range that it writes, and never one that a VMID outside it would fit', () => {
    const span = fc.tuple(fc.integer({ min: 100, max: 999_999_999 }), fc.nat(10_000)).map(([from, more]) => ({
      from,
      to: Math.min(from + more, 999_999_999),
    }));
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 20 }), (spans) => {
        const text = spans.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(',');
        expect(parseRule('allow_vmids', itemsOf('allow_vmids', text), 'V')).toEqual({
          ok: true,
          value: { kind: 'allow_vmids', value: spans, from: 'V' },
        });
      }),
    );
  });

  it('never makes nothing of something: any text is a rule or a fault', () => {
    const kind = fc.constantFrom(
      ...(['access', 'allow_tools', 'deny_tools', 'allow_vmids', 'allow_pools', 'protect_tags'] as const),
    );
    fc.assert(
      fc.property(kind, fc.string({ unit: 'binary' }), (one, text) => {
        const rule = parseRule(one, itemsOf(one, text), 'V');
        if (rule.ok) expect(rule.value.value.length).toBeGreaterThan(0);
        else expect(rule.problem).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('roles', () => {
  const file = {
    viewers: { access: 'read' },
    operators: { access: 'operate', allow_vmids: ['100-199', 500], protect_tags: ['prod'] },
  };

  it('bring their rules, and a variable adds to them', () => {
    const access = fileOf(file);
    const parsed = readWith(withRoles({ PROXMOX_ROLE: 'operators', PROXMOX_ACCESS: 'read' }), access);
    expect(parsed?.map(({ kind, from }) => [kind, from])).toEqual([
      ['access', "role 'operators' in /etc/roles.json"],
      ['allow_vmids', "role 'operators' in /etc/roles.json"],
      ['protect_tags', "role 'operators' in /etc/roles.json"],
      ['access', 'PROXMOX_ACCESS'],
    ]);
  });

  it.each([
    ['{', 'holds no JSON object of roles'],
    ['[]', 'holds no JSON object of roles'],
    [{ viewers: 'read' }, "has the role 'viewers', which is no JSON object"],
    [{ viewers: {} }, "has the role 'viewers', which has no rule"],
    [{ viewers: { acces: 'read' } }, "the role 'viewers', whose 'acces' is not known: did you mean 'access'?"],
    [{ viewers: { access: ['read'] } }, "the role 'viewers', whose 'access' is no text"],
    [{ viewers: { access: 'none' } }, "whose 'access' is 'none': write read, operate or full"],
    [{ viewers: { allow_tools: 'x' } }, "whose 'allow_tools' is no list"],
    [{ viewers: { allow_tools: [1] } }, "whose 'allow_tools' has an item that is no text"],
    [{ viewers: { deny_tools: [] } }, "whose 'deny_tools' names nothing"],
    [{ viewers: { allow_vmids: ['9-1'] } }, "whose 'allow_vmids' has the range"],
    [{ viewers: { access: 'read' } }, "PROXMOX_ROLE is 'viewer', and PROXMOX_ROLES_FILE has 'viewers': did you mean"],
    ['{"a":{"access":"read","access":"full"}}', "has the role 'a', and in it 'access' twice: keep one of the two"],
    ['{"a":{"access":"read","\\u0061ccess":"full"}}', "has the role 'a', and in it 'access' twice"],
    ['{"a":{"access":"read"},"b":{"access":"read"},"a" :{"access":"full"}}', "has the role 'a' twice: keep one"],
  ])('are refused where they are wrong, with role and key: %j', (content, said) => {
    expect(faultsOf(withRoles({ PROXMOX_ROLE: 'viewer' }), fileOf(content)).join('\n')).toContain(said);
  });

  it('are a fault where the file cannot be read, and a warning where others can change it', () => {
    expect(faultsOf(withRoles(), { readFile: () => ({ reason: 'ENOENT' }) })).toEqual([
      "PROXMOX_ROLES_FILE names '/etc/roles.json', which cannot be read: ENOENT",
    ]);
    expect(faultsOf(withRoles()).join()).toContain('cannot be read');
    expect(faultsOf(withRoles({ PROXMOX_ROLES_FILE: 'roles.json' })).join()).toContain('write an absolute path');
    const open = fileOf(file, { readable: true, writable: true, mode: '666' });
    expect(warningsOf(withRoles({ PROXMOX_ROLE: 'viewers' }), open).join()).toContain('other users can change');
    const shown = fileOf(file, { readable: true, writable: false, mode: '644' });
    expect(warningsOf(withRoles({ PROXMOX_ROLE: 'viewers' }), shown)).toEqual([]);
  });

  it('have every key that stands twice in one object found, and no other', () => {
    interface Json {
      readonly text: string;
      readonly repeated: number;
    }
    const key = fc.constantFrom('a', 'b', '"', '\\"{', '[', ':', 'é');
    const plain = fc.oneof(
      fc.json({ maxDepth: 0 }),
      key.map((text) => JSON.stringify(text)),
    );
    const sum = (all: readonly Json[]) => all.reduce((total, { repeated }) => total + repeated, 0);
    const { json } = fc.letrec<{ json: Json; list: Json; object: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        plain.map((text) => ({ text, repeated: 0 })),
        tie('list'),
        tie('object'),
      ),
      list: fc
        .array(tie('json'), { maxLength: 3 })
        .map((items) => ({ text: `[${items.map(({ text }) => text).join(' ,')}]`, repeated: sum(items) })),
      object: fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map((pairs) => ({
        text: `{ ${pairs.map(([name, { text }]) => `${JSON.stringify(name)} :${text}`).join(', ')}}`,
        repeated: sum(pairs.map(([, one]) => one)) + pairs.length - new Set(pairs.map(([name]) => name)).size,
      })),
    }));
    fc.assert(
      fc.property(json, ({ text, repeated }) => {
        JSON.parse(text);
        expect(repeatedKeys(text)).toHaveLength(repeated);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throw, whatever the file holds', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const messages = faultsOf(withRoles({ PROXMOX_ROLE: 'viewers' }), fileOf(text));
        expect(messages.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('docs/policy.md', () => {
  const text = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
  const blocks = (kind: string) =>
    [...text.matchAll(new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, one = '']) => one);

  it('has examples that are read without a fault or a warning', () => {
    const [roles = ''] = blocks('json');
    const environments = blocks('sh').map((block) => parse(block));
    expect(environments.length).toBe(3);
    for (const env of environments) {
      const names = env.PROXMOX_CLUSTERS?.split(',') ?? [];
      expect(faultsOf(multi(names, env), fileOf(roles))).toEqual([]);
      expect(warningsOf(multi(names, env), fileOf(roles))).toEqual([]);
      expect(readWith(multi(names, env), fileOf(roles))).toBeDefined();
    }
  });

  it('names each rule', () => {
    for (const kind of ruleKinds) expect(text).toContain(`\`${kind.toUpperCase()}\``);
  });
});

function readWith(env: Env, access: ReturnType<typeof fileOf>) {
  return requireConfig(parseEnv(env, access)).clusters[0]?.policy;
}
