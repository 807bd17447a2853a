import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { acceptedInput } from '../src/client/input.js';
import { startsTask } from '../src/client/lost-task.js';
import { taskTypesOf } from '../src/client/task-types.js';
import type { Endpoint } from '../src/pve/endpoint.js';
import { publishTools } from '../src/server/tool-list.js';
import { catalogue } from '../src/tools/catalogue.js';
import type { Tool } from '../src/tools/define.js';
import { toolsets } from '../src/tools/toolsets.js';

const tools: readonly Tool[] = catalogue;
const root = resolve(import.meta.dirname, '..');
const published = publishTools(true);

const schema = z.object({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({ description: z.string().min(2) })).default({}),
});

describe('the law of the catalogue', () => {
  it('names every tool once, as clients can show it', () => {
    const names = tools.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^proxmox-[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || name.length > 40)).toEqual([]);
  });

  it('lists what the folders hold, and nothing else', async () => {
    const folder = resolve(root, 'src/tools');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\/.+\.ts$/.test(file));
    const modules: { default?: readonly Tool[] }[] = await Promise.all(
      files.map((file) => import(resolve(folder, file))),
    );
    const held = modules.flatMap((module) => (module.default ?? []).map(({ name }) => name));
    expect(held.sort()).toEqual(tools.map(({ name }) => name).sort());
  });

  it('says in annotations what the calls bear out', () => {
    for (const tool of tools) {
      const verbs = new Set(Object.values(tool.calls).map(({ route }) => route.slice(0, route.indexOf(' '))));
      if (tool.effect === 'read')
        expect(
          [...verbs].filter((verb) => verb !== 'GET'),
          tool.name,
        ).toEqual([]);
      else
        expect(
          [...verbs].some((verb) => verb !== 'GET'),
          tool.name,
        ).toBe(true);
      const { annotations } = published.find(({ name }) => name === tool.name) ?? {};
      expect(annotations, tool.name).toEqual(
        tool.effect === 'read' && !tool.changesServer
          ? { readOnlyHint: true }
          : { destructiveHint: tool.effect === 'destroy' || tool.destroysIf !== undefined },
      );
    }
  });

  it('describes each tool and each argument, in few words, without unions or open ends', () => {
    for (const { name, title, description, inputSchema } of published) {
      const { properties } = schema.parse(inputSchema);
      expect(title.length, name).toBeGreaterThan(3);
      expect(description.length, name).toBeLessThanOrEqual(400);
      for (const [argument, { description: text }] of Object.entries(properties))
        if (argument !== 'more') expect(text.length, `${name} ${argument}`).toBeLessThanOrEqual(90);
      expect(JSON.stringify(inputSchema), name).not.toMatch(/\$schema|anyOf|oneOf|9007199254740991/);
      expect(
        Object.keys(properties).filter((key) => !/^[a-z][a-z0-9_]*$/.test(key)),
        name,
      ).toEqual([]);
    }
  });

  it('keeps toolsets, and what is offered by default, to 40 tools', () => {
    const sets = Object.keys(toolsets);
    expect(sets.filter((set) => tools.filter(({ toolset }) => toolset === set).length > 40)).toEqual([]);
    expect(sets.filter((set) => !tools.some(({ toolset }) => toolset === set))).toEqual([]);
    expect(tools.filter(({ daily }) => daily).length).toBeLessThanOrEqual(40);
  });

  it('costs at most 550 bytes a tool in tools/list', () => {
    expect(JSON.stringify(published).length / published.length).toBeLessThanOrEqual(550);
  });

  it('gives no argument of its own a name that all tools share', () => {
    const shared = ['cluster', 'limit', 'cursor', 'fields', 'dry_run', 'confirm', 'wait', 'more'];
    const taken = tools.filter(({ input }) => shared.some((name) => name in input)).map(({ name }) => name);
    expect(taken).toEqual([]);
  });

  it('publishes every argument, in a place of its own or by its name', () => {
    for (const tool of tools) {
      const { properties } = schema.parse(published.find(({ name }) => name === tool.name)?.inputSchema);
      const { more, ...places } = properties;
      const named = String(more?.description ?? '')
        .split(/, (?![^(]*\))/)
        .map((part) => part.replace(/ \(.*|\[\]$/, ''));
      const shown = [...Object.keys(places), ...(more === undefined ? [] : named)];
      expect(shown.sort(), tool.name).toEqual(Object.keys(acceptedInput(tool, true).shape).sort());
    }
  });

  it('states what each tool needs in a form that can be checked', () => {
    for (const { name, privileges, scope } of tools) {
      expect(
        privileges.filter((need) => !/^[A-Z][A-Za-z.]+(\|[A-Z][A-Za-z.]+)* on \/[a-z/]*$/.test(need)),
        name,
      ).toEqual([]);
      if (scope === 'configuration') expect(privileges, name).toEqual([]);
    }
  });

  it('knows by which task to find each write that starts one, should its reply be lost', () => {
    const started = tools.flatMap(({ calls }) => Object.values<Endpoint>(calls).filter(startsTask));
    const unknown = started.filter((endpoint) => taskTypesOf(endpoint) === undefined).map(({ route }) => route);
    expect([...new Set(unknown)]).toEqual([]);
  });

  it('has an end-to-end test for every tool', () => {
    const folder = resolve(root, 'tests/tools');
    const tests = readdirSync(folder)
      .map((file) => readFileSync(resolve(folder, file), 'utf8'))
      .join('\n');
    expect(tools.filter(({ name }) => !tests.includes(`'${name}'`)).map(({ name }) => name)).toEqual([]);
  });
});

const contractFile = resolve(root, '../shared/pve/contract.mjs');

describe.runIf(existsSync(contractFile))('the official contract', () => {
  it('has every route that a tool may call', async () => {
    const { loadContract } = await import(contractFile);
    const routesOf = (version: string) =>
      new Set(
        loadContract(version).methods.map(({ method, path }: { method: string; path: string }) => `${method} ${path}`),
      );
    const [older, newer] = [routesOf('8.4.5'), routesOf('9.2.3')];
    const called = tools.flatMap(({ calls }) => Object.values(calls).map(({ route }) => route));
    const routes = called.flatMap((route) =>
      route.includes('{type}') ? [route.replace('{type}', 'qemu'), route.replace('{type}', 'lxc')] : [route],
    );
    expect([...new Set(routes)].filter((route) => !older.has(route) && !newer.has(route))).toEqual([]);
  });
});
