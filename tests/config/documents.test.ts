import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { parseEnv } from '../../src/config/env.js';
import { variableTable } from '../../src/config/variable-table.js';
import { clusterVariables, globalVariables, singleNames } from '../../src/config/variables.js';
import { configOf, faultsOf, multi, single, warningsOf } from './environments.js';

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const optionalLine = /^# (?=PROXMOX_\S+=)/gm;

function withOptionalLines(text: string): string {
  return text.replace(optionalLine, '');
}

function variablesIn(text: string): string[] {
  return Object.keys(parse(withOptionalLines(text)));
}

describe.each(['.env.example', '.env.example.multi'])('%s', (path) => {
  const text = read(path);

  it('is read without a fault or a warning', () => {
    expect(faultsOf(parse(text))).toEqual([]);
    expect(warningsOf(parse(text))).toEqual([]);
  });

  it('is so with every optional line', () => {
    const env = { ...parse(withOptionalLines(text)), HOME: '/home/me' };
    expect(faultsOf(env)).toEqual([]);
    expect(warningsOf(env)).toEqual([]);
    expect(parseEnv(env).log).toEqual({ level: 'info', file: '/home/me/proxmox-mcp.log' });
  });

  it('is so with each optional line by itself', () => {
    for (const line of text.split('\n').filter((candidate) => candidate.match(optionalLine))) {
      expect(faultsOf({ ...parse(`${text}\n${withOptionalLines(line)}`), HOME: '/home/me' })).toEqual([]);
    }
  });

  it('has placeholders for secrets and documentation hosts only', () => {
    for (const [variable, value] of Object.entries(parse(withOptionalLines(text)))) {
      if (variable.endsWith('TOKEN_SECRET')) expect(value).toBe('00000000-0000-0000-0000-000000000000');
      if (variable.endsWith('API_URL'))
        expect(value).toMatch(/^(https:\/\/([a-z0-9]+\.example\.com|192\.0\.2\.\d+):8006,?)+$/);
    }
  });

  it('mentions PROXMOX_ENV_FILE, which means nothing inside it', () => {
    expect(text).toContain('PROXMOX_ENV_FILE');
  });
});

describe('the examples are complete', () => {
  const inFile = globalVariables.filter(({ name }) => name !== 'PROXMOX_ENV_FILE');

  it('for one cluster', () => {
    const expected = [...singleNames, ...inFile.filter(({ form }) => form === 'both').map(({ name }) => name)];
    expect(variablesIn(read('.env.example')).toSorted()).toEqual(expected.toSorted());
  });

  it('for many', () => {
    const names = variablesIn(read('.env.example.multi'));
    for (const { name } of inFile) expect(names).toContain(name);
    for (const { suffix } of clusterVariables)
      expect(
        names.some((name) => name.endsWith(`_${suffix}`)),
        suffix,
      ).toBe(true);
    expect(configOf(parse(read('.env.example.multi'))).clusters.map(({ name }) => name)).toEqual([
      'production',
      'staging',
      'disaster-recovery',
    ]);
  });
});

describe('the table of variables', () => {
  it('gives an example of each that is read without a fault', () => {
    const texts = ['{"operators":{"access":"operate"}}', 'what-stands-in-a-file'];
    const access = { readFile: (path: string) => ({ text: texts[path.includes('roles') ? 0 : 1] ?? '' }) };
    const roles = { PROXMOX_ROLES_FILE: '/etc/roles.json' };
    for (const { suffix, example } of clusterVariables) {
      const inFile = suffix === 'TOKEN_SECRET_FILE' ? { PROXMOX_CLUSTER_a_TOKEN_SECRET: '' } : {};
      const env = multi(['a', 'disaster-recovery'], { ...inFile, ...roles, [`PROXMOX_CLUSTER_a_${suffix}`]: example });
      expect(faultsOf(env, access), suffix).toEqual([]);
    }
    for (const { name, example } of globalVariables) {
      const names = ['production', 'staging', 'disaster-recovery'];
      expect(faultsOf(multi(names, { [name]: example, HOME: '/home/me' }), access), name).toEqual([]);
    }
  });

  it('states the defaults that are used', () => {
    const stated = Object.fromEntries(globalVariables.map((variable) => [variable.name, variable.default]));
    const parsed = parseEnv(single());
    const config = configOf(single());
    expect(stated.PROXMOX_CLUSTER_VALIDATION).toBe(String(config.validateOnStart));
    expect(stated.PROXMOX_CLUSTER_CACHE_TTL).toBe(String(config.cacheTtl));
    expect(stated.PROXMOX_LOG_LEVEL).toBe(parsed.log.level);
  });
});

describe('docs/configuration.md', () => {
  const text = read('docs/configuration.md');

  it('has the table of variables', () => {
    expect(text).toContain(`<!-- generated:variables -->\n\n${variableTable()}\n\n<!-- /generated:variables -->`);
  });

  it('has examples that are read without a fault', () => {
    const blocks = [...text.matchAll(/```sh\n(PROXMOX_[\s\S]*?)```/g)].map(([, block = '']) => parse(block));
    expect(blocks).toHaveLength(3);
    const [one = {}, many = {}, routing = {}] = blocks;
    expect(faultsOf(one)).toEqual([]);
    expect(faultsOf(many)).toEqual([]);
    expect(faultsOf({ ...many, ...routing })).toEqual([]);
  });

  it('shows what the routing example says', () => {
    const [, , block = ''] = [...text.matchAll(/```sh\n(PROXMOX_[\s\S]*?)```/g)].map(([, found = '']) => found);
    const names = ['production', 'staging', 'disaster-recovery'];
    const { patterns } = configOf({ ...multi(names), ...parse(block) });
    const best = (name: string) =>
      patterns.filter(({ regex }) => regex.test(name)).toSorted((a, b) => b.literal - a.literal)[0]?.cluster;
    const rows = [...text.matchAll(/^\| name `([^`]+)` \| `([^`]+)` \|/gm)];
    expect(rows).toHaveLength(4);
    for (const [, name = '', cluster] of rows) expect(best(name), name).toBe(cluster);
    expect(best('web')).toBeUndefined();
  });
});
