import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Call } from '../../src/pve/endpoint.js';
import { PathValueError } from '../../src/pve/errors.js';
import { expandPath, methodOf, type PathValues, type Route } from '../../src/pve/route.js';
import type { taskStatus } from '../../src/pve/task.js';

/** The way of a real server: the whole path is decoded, then split, and empty segments are dropped. */
const segmentsOf = (path: string) =>
  decodeURIComponent(path)
    .split('/')
    .filter((part) => part !== '');

const refusal = (route: Route, values: Record<string, unknown>) => {
  try {
    return expandPath(route, values);
  } catch (error) {
    if (error instanceof PathValueError) return error;
    throw error;
  }
};

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        '%2f',
        '%2F',
        '%2e',
        '%',
        '?',
        '#',
        '&',
        ';',
        '@',
        '\0',
        '\n',
        '\r',
        ' ',
        'a',
        'é',
        '😀',
        '\ud800',
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
);

describe('a route', () => {
  it('names its path values in its type', () => {
    expectTypeOf<PathValues<'GET /nodes/{node}/qemu/{vmid}/status/current'>>().toEqualTypeOf<{
      readonly node: string | number;
      readonly vmid: string | number;
    }>();
    expectTypeOf<keyof PathValues<'GET /version'>>().toEqualTypeOf<never>();
    expectTypeOf<Parameters<Call<typeof taskStatus>>[0]>().toEqualTypeOf<{
      readonly node: string | number;
      readonly upid: string | number;
    }>();
    // @ts-expect-error there is no PATCH
    const wrong: Route = 'PATCH /version';
    expect(wrong).toBe('PATCH /version');
  });

  it.each([
    ['GET /version', 'GET'],
    ['POST /nodes/{node}/qemu', 'POST'],
    ['PUT /access/acl', 'PUT'],
    ['DELETE /nodes/{node}/tasks/{upid}', 'DELETE'],
  ] as const)('%s is sent with %s', (route, method) => {
    expect(methodOf(route)).toBe(method);
  });

  it('puts each value in its place', () => {
    expect(expandPath('GET /nodes/{node}/{type}/{vmid}/config', { node: 'pve1', type: 'lxc', vmid: 101 })).toBe(
      '/nodes/pve1/lxc/101/config',
    );
  });

  it.each([
    ['a b', '/pools/a%20b'],
    ['50%', '/pools/50%25'],
    ['a%2fb', '/pools/a%252fb'],
    ['%2e%2e', '/pools/%252e%252e'],
    ['x?y=1', '/pools/x%3Fy%3D1'],
    ['x#y', '/pools/x%23y'],
    ['a\\b', '/pools/a%5Cb'],
    ['Zürich', '/pools/Z%C3%BCrich'],
    ['数据', '/pools/%E6%95%B0%E6%8D%AE'],
    ['...', '/pools/...'],
  ])('encodes %j once', (value, path) => {
    expect(expandPath('GET /pools/{poolid}', { poolid: value })).toBe(path);
  });

  it('keeps a UPID of a token readable by the server', () => {
    const upid = 'UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100:mcp@pve!main:';
    const path = expandPath('GET /nodes/{node}/tasks/{upid}/status', { node: 'pve1', upid });
    expect(segmentsOf(path)).toEqual(['nodes', 'pve1', 'tasks', upid, 'status']);
  });

  it.each([
    ['..', 'dotted'],
    ['.', 'dotted'],
    ['', 'missing'],
    [undefined, 'missing'],
    [null, 'missing'],
    [Number.NaN, 'missing'],
    [-1, 'missing'],
    [1.5, 'missing'],
    [{}, 'missing'],
    ['a/b', 'slash'],
    ['/', 'slash'],
    ['../access', 'slash'],
    ['a\0b', 'control'],
    ['a\r\nHost: x', 'control'],
    ['a\u007f', 'control'],
    ['\ud800', 'Unicode'],
  ])('refuses %j and names the argument', (value, reason) => {
    const error = refusal('GET /nodes/{node}/status', { node: value });
    expect(error).toMatchObject({ name: 'PathValueError', parameter: 'node', reason: expect.stringContaining(reason) });
  });

  it('lets a volume have slashes, but no empty or dotted segment', () => {
    const route = 'GET /nodes/{node}/storage/{storage}/content/{volume}';
    const expand = (volume: string) => refusal(route, { node: 'pve1', storage: 'local', volume });
    const path = expand('local:iso/debian-12.iso');
    expect(path).toBe('/nodes/pve1/storage/local/content/local%3Aiso%2Fdebian-12.iso');
    for (const volume of ['local:iso/../../x', 'a//b', '/a', 'a/', './a', 'a/..'])
      expect(expand(volume)).toBeInstanceOf(PathValueError);
  });
});

describe('whatever the value is', () => {
  it('the path that leaves has the segments of the route and the value as one of them', () => {
    const check = (value: string) => {
      const path = refusal('GET /nodes/{node}/qemu/{vmid}/status', { node: value, vmid: 100 });
      if (path instanceof PathValueError) return;
      expect(new URL(`https://host:8006/api2/json${path}?a=1`).pathname).toBe(`/api2/json${path}`);
      expect(segmentsOf(path)).toEqual(['nodes', value, 'qemu', '100', 'status']);
    };
    fc.assert(fc.property(nasty, check), { numRuns: 1000 });
  });

  it('a volume stays below its storage', () => {
    const check = (value: string) => {
      const route = 'GET /nodes/{node}/storage/{storage}/content/{volume}';
      const path = refusal(route, { node: 'n', storage: 's', volume: value });
      if (path instanceof PathValueError) return;
      expect(new URL(`https://host:8006${path}`).pathname).toBe(path);
      expect(segmentsOf(path)).toEqual(['nodes', 'n', 'storage', 's', 'content', ...value.split('/')]);
    };
    fc.assert(fc.property(nasty, check), { numRuns: 1000 });
  });

  it('a plain name is never refused', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@!-]{0,30}$/);
    fc.assert(
      fc.property(name, (value) => {
        expect(segmentsOf(expandPath('GET /nodes/{node}/status', { node: value }))).toEqual(['nodes', value, 'status']);
      }),
    );
  });
});
