import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseApiUrl, parseApiUrls } from '../../src/config/api-url.js';
import { single, warningsOf, withNotes } from './environments.js';

describe('parseApiUrl', () => {
  it.each([
    ['https://host:8006', 'https://host:8006'],
    ['https://host', 'https://host:8006'],
    ['host', 'https://host:8006'],
    ['host:443', 'https://host:443'],
    ['https://host:443/', 'https://host:443'],
    ['https://host/api2/json', 'https://host:8006'],
    ['host:8006/api2/json//', 'https://host:8006'],
    ['HTTPS://PVE1.Example.COM', 'https://pve1.example.com:8006'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://host', 'http://host:8006'],
    ['192.0.2.1', 'https://192.0.2.1:8006'],
    ['https://[2001:DB8::1]', 'https://[2001:db8::1]:8006'],
    ['[::1]:8007', 'https://[::1]:8007'],
    ['https://münchen.example.com', 'https://xn--mnchen-3ya.example.com:8006'],
    ['https://host:08006', 'https://host:8006'],
    ['my_host', 'https://my_host:8006'],
  ])('%s', (text, url) => {
    expect(parseApiUrl(text)).toEqual({ ok: true, value: url });
  });

  it.each([
    ['', 'names no host'],
    ['https://', 'names no host'],
    ['https:///api2/json', 'names no host'],
    ['https://:8006', 'names no host'],
    ['https://a..b', 'names no host'],
    ['https://-a', 'names no host'],
    ['https://256.1.1.1', 'names no host'],
    ['https://192.168.1', 'names no host'],
    ['https://0x7f000001', 'names no host'],
    ['https://ex%61mple.com', 'names no host'],
    ['https://[::g]', 'names no host'],
    ['https://[::1', 'names no host'],
    ['https://host:0', 'port'],
    ['https://host:65536', 'port'],
    ['https://host:', 'port'],
    ['https://host:80a', 'port'],
    ['javascript:alert(1)', 'port'],
    ['2001:db8::1', 'IPv6 address without brackets'],
    ['https://fe80::1', 'IPv6 address without brackets'],
    ['ftp://host', "scheme 'ftp'"],
    ['file:///etc', "scheme 'file'"],
    ['https://host/pve', 'with a path'],
    ['https://host/api2', 'with a path'],
    ['https://host/api2/json/nodes', 'with a path'],
    ['https://host?x=1', 'a query'],
    ['https://host#x', 'a fragment'],
    ['https:\\\\host', 'a backslash'],
    ['https://ho st', 'a space'],
    ['https://ho\tst', 'a space or a control character'],
    ['https://ho\u0000st', 'a control character'],
    ['https://user:hunter22@host', 'credentials'],
  ])('refuses %j', (text, problem) => {
    const parsed = parseApiUrl(text);
    expect(parsed.ok ? parsed.value : parsed.problem).toContain(problem);
    expect(parsed).toMatchObject({ ok: false });
    expect(JSON.stringify(parsed)).not.toContain('hunter22');
  });

  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc
      .ipV6()
      .filter((address) => !address.includes('.'))
      .map((address) => `[${address}]`),
  );

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.constantFrom('http', 'https'), host, fc.integer({ min: 1, max: 65_535 }), (scheme, name, port) => {
        const first = parseApiUrl(`${scheme}://${name}:${port}/api2/json`);
        expect(first.ok).toBe(true);
        expect(first.ok && parseApiUrl(first.value)).toEqual(first);
        expect(first.ok && first.value.endsWith(`:${port}`)).toBe(true);
      }),
    );
  });

  it('answers any text with a URL or a problem', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.string().map((tail) => `https://${tail}`),
    );
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseApiUrl(input);
        if (parsed.ok) expect(parsed.value).toMatch(/^https?:\/\/(\[[0-9a-f:]+\]|[a-z0-9._-]+):[1-9]\d{0,4}$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseApiUrls', () => {
  it('keeps the order', () => {
    expect(withNotes((notes) => parseApiUrls('b, a:1 ,,https://c/', notes))).toEqual({
      value: ['https://b:8006', 'https://a:1', 'https://c:8006'],
      faults: [],
      warnings: [],
    });
  });

  it('refuses an address given twice, in whatever spelling', () => {
    expect(withNotes((notes) => parseApiUrls('a,https://A:8006/', notes))).toMatchObject({
      value: undefined,
      faults: ["V names 'https://a:8006' twice: keep one"],
    });
  });

  it('names every faulty address', () => {
    const { value, faults } = withNotes((notes) => parseApiUrls('ftp://a,b,c:0', notes));
    expect(value).toBeUndefined();
    expect(faults).toHaveLength(2);
  });

  it('refuses commas alone', () => {
    expect(withNotes((notes) => parseApiUrls(' , ', notes)).faults).toEqual([
      'V holds no address: write it like https://pve1.example.com:8006',
    ]);
  });

  it('warns of http', () => {
    expect(warningsOf(single({ PROXMOX_API_URL: 'http://127.0.0.1:8006' }))).toEqual([
      "PROXMOX_API_URL has 'http://127.0.0.1:8006': over http the token travels in the clear and no certificate is checked; write https://",
    ]);
  });
});
