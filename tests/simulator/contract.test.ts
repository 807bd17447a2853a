import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { enumOf, knownIn, type ParameterSpec } from '../../src/simulator/parameters.js';
import {
  existsIn,
  type Permission,
  type PermissionCheck,
  permissionOf,
  type Route,
} from '../../src/simulator/route.js';
import { routes } from '../../src/simulator/routes.js';
import type { PveVersion } from '../../src/simulator/state.js';

/** The official contract, where the repository stands beside the shared folder. */
const file = new URL('../../../shared/pve/contract.json', import.meta.url);

const parameter = z.object({
  type: z.string(),
  optional: z.boolean().optional(),
  enum: z.array(z.string()).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  requires: z.string().optional(),
  format: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
});

const method = z.object({
  path: z.string(),
  method: z.string(),
  params: z.record(z.string(), parameter),
  permissions: z.unknown(),
  proxyto: z.string().nullish(),
});

const contract = z.object({ '8.4.5': z.array(method), '9.2.3': z.array(method) });

function loadContract(): z.infer<typeof contract> | undefined {
  return existsSync(file) ? contract.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

const loaded = loadContract();

function officialMethods(version: PveVersion): z.infer<typeof method>[] {
  return loaded?.[version === '8.4' ? '8.4.5' : '9.2.3'] ?? [];
}

/** What both sides say of a parameter; the inner keys of property strings are left to their own tests. */
function summary(spec: z.infer<typeof parameter>, values: readonly string[] | undefined) {
  const { type, optional = false, min, max, minLength, maxLength, requires, format } = spec;
  return {
    type,
    optional,
    min,
    max,
    minLength,
    maxLength,
    requires,
    enum: values === undefined ? undefined : [...values].sort(),
    format: typeof format === 'object' ? Object.keys(format).sort() : format,
  };
}

function declaredFormat(format: ParameterSpec['format'], version: PveVersion) {
  if (format === undefined || typeof format === 'string') return format;
  return Object.fromEntries(Object.entries(format).filter(([, spec]) => knownIn(spec, version)));
}

function declared(route: Route, version: PveVersion) {
  return Object.fromEntries(
    Object.entries(route.params)
      .filter(([, spec]) => knownIn(spec, version))
      .map(([name, spec]) => {
        const { type, optional, min, max, minLength, maxLength, requires } = spec;
        const format = declaredFormat(spec.format, version);
        return [
          name,
          summary({ type, optional, min, max, minLength, maxLength, requires, format }, enumOf(spec, version)),
        ];
      }),
  );
}

function officialCheck(check: PermissionCheck): readonly unknown[] {
  if ('allOf' in check) return ['and', ...check.allOf.map(officialCheck)];
  if ('anyOf' in check) return ['or', ...check.anyOf.map(officialCheck)];
  if ('userid' in check) return ['userid-param', check.userid];
  if ('ofGroups' in check) {
    const groups = check.groupsParam === undefined ? [] : ['groups_param', check.groupsParam];
    return ['userid-group', check.ofGroups, ...groups];
  }
  if ('modify' in check) return ['perm-modify', check.modify];
  const required = check.requireParam === undefined ? [] : ['require_param', check.requireParam];
  return ['perm', check.path, check.privileges, ...(check.any === true ? ['any', 1] : []), ...required];
}

function officialPermission(permission: Permission): unknown {
  if (permission === 'root') return null;
  return typeof permission === 'string' ? { user: permission } : { check: officialCheck(permission) };
}

describe.each(['8.4', '9.2'] as const)('every route is one of the API of %s', (version) => {
  const official = new Map(officialMethods(version).map((entry) => [`${entry.method} ${entry.path}`, entry]));

  for (const route of routes.filter((entry) => existsIn(entry, version))) {
    test(route.route, () => {
      if (loaded === undefined) return;
      const entry = official.get(route.route);
      if (entry === undefined) throw new Error(`${version} has no ${route.route}`);
      const expected = Object.entries(entry.params).map(([name, spec]) => [name, summary(spec, spec.enum)]);
      expect(declared(route, version)).toEqual(Object.fromEntries(expected));
      const { inside: _, ...permissions } = z.record(z.string(), z.unknown()).parse(entry.permissions ?? {});
      expect(officialPermission(permissionOf(route, version))).toEqual(entry.permissions === null ? null : permissions);
      const inPath = route.route.includes('{node}');
      expect(inPath && route.proxied !== false).toBe(entry.proxyto === 'node');
    });
  }
});

test('no route is declared twice', () => {
  for (const version of ['8.4', '9.2'] as const) {
    const names = routes.filter((route) => existsIn(route, version)).map((route) => route.route);
    expect(new Set(names).size).toBe(names.length);
  }
});
