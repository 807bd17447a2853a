import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/client/redact/redact.js';
import { encodingsOf, Search } from '../support/secrets/needles.js';

/** With a digit at every eighth place at least: no part of it is a word. */
const textOf = (letters: RegExp) =>
  fc
    .array(fc.tuple(fc.stringMatching(letters), fc.integer({ min: 0, max: 9 })), { minLength: 4, maxLength: 12 })
    .map((parts) => parts.map(([text, digit]) => `${text}${digit}`).join(''))
    .filter((text) => text.length >= 12 && text.trim() === text);
const secret = fc.oneof(textOf(/^[A-Za-z+/"\\&%;=?' é€-]{1,6}$/u), fc.uuid());
/** Whose every character is one in most encodings. */
const plainSecret = fc.oneof(textOf(/^[A-Za-z+/&%;=?' -]{1,6}$/), fc.uuid());
const around = fc.string({ unit: fc.constantFrom('.', '"', ' ', '\n', '!', 'ö', '(', '\\') });

const search = (one: string) => {
  const found = new Search();
  found.add({ name: 'it', secret: one });
  return (text: string) => found.leaks('text', text);
};

describe('what is redacted', () => {
  it('holds no secret, in whatever encoding and as deep in JSON as answers are, and is the same JSON', () => {
    fc.assert(
      fc.property(secret, around, around, fc.integer({ min: 0, max: 1 }), (one, before, after, depth) => {
        const redact = createRedactor([one]);
        for (const [encoding, text] of Object.entries(encodingsOf(one))) {
          let json = JSON.stringify({ said: `${before}${text}${after}` });
          for (let level = 0; level < depth; level += 1) json = JSON.stringify({ text: json });
          const redacted = redact(json);
          expect(search(one)(redacted), encoding).toEqual([]);
          let inside = JSON.parse(redacted);
          for (let level = 0; level < depth; level += 1) inside = JSON.parse(inside.text);
          expect(typeof inside.said).toBe('string');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('holds no more than eight characters of a secret that was cut off, at its beginning or its end', () => {
    fc.assert(
      fc.property(plainSecret, fc.nat(), fc.boolean(), around, (one, at, isHead, beside) => {
        const redact = createRedactor([one]);
        for (const text of Object.values(encodingsOf(one))) {
          const place = at % (text.length + 1);
          const part = isHead ? `${beside}${text.slice(0, place)}...` : `…${text.slice(place)}${beside}`;
          const redacted = redact(JSON.stringify([part]));
          expect(search(one)(redacted), part).toEqual([]);
          expect(JSON.parse(redacted)).toHaveLength(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is JSON of the same shape, whatever piece of it is a secret', () => {
    const shape = (data: unknown): unknown => {
      if (typeof data !== 'object' || data === null) return 'one';
      return Array.isArray(data) ? data.map(shape) : Object.values(data).map(shape).concat('object');
    };
    const long = fc.oneof(fc.string({ minLength: 9, maxLength: 20 }), fc.integer({ min: 1e9, max: 1e15 }), fc.json());
    const some = fc.array(fc.oneof(fc.dictionary(fc.string(), long), long), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(some, fc.boolean(), fc.nat(), fc.integer({ min: 9, max: 40 }), (data, isDeep, place, length) => {
        const json = JSON.stringify(data);
        const from = place % json.length;
        const secret = json.slice(from, from + length);
        const redact = createRedactor([secret]);
        const redacted = redact(isDeep ? JSON.stringify({ json }) : json);
        const left = isDeep ? JSON.parse(redacted).json : redacted;
        expect(shape(JSON.parse(left))).toEqual(shape(data));
        if (/^[a-z0-9]*[0-9][a-z0-9]*$/i.test(secret) && secret.length > 8) expect(left).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['is cut off at its own quote', 'one-secret-1"and more', { said: 'it was one-secret-1', next: true }],
    ['is a number', '1073741824', { maxmem: 1_073_741_824, more: [10_737_418_240], said: 'a 1073741824' }],
    ['is spelled as the JSON is', 'abcdefg12","hijklmn23', ['abcdefg12', 'hijklmn23']],
    ['has quotes around it', '"S3cr3t!"', { said: '"S3cr3t!"' }],
    ['is known by its form, behind a line end', 'none of these', { said: 'CSRFPreventionToken:\nabcdefgh1' }],
  ])('is JSON where the secret %s', (_, secret, data) => {
    const redact = createRedactor([secret]);
    const redacted = redact(JSON.stringify({ text: JSON.stringify(data) }));
    const left = JSON.parse(redacted).text;
    for (const one of [left, redact(JSON.stringify(data))]) {
      expect(JSON.stringify(JSON.parse(one))).not.toMatch(/one-secret|1073741824|abcdefg|S3cr3t/);
      expect(Object.keys(JSON.parse(one))).toEqual(Object.keys(data));
    }
  });

  it('leaves texts alone that hold none', () => {
    const redact = createRedactor(['5f0c2e0e-6a3c-4f9b-8a55-0d8f4b8a2c11', 'production-2-password']);
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(redact(json)).toBe(json);
      }),
    );
    for (const text of ['production', 'production-web', 'UPID:pve1:0001A2B3:0003C4D5:6789ABCD:qmstart:100:root@pam!a:'])
      expect(redact(text)).toBe(text);
  });

  it('forgets no secret of the settings, and of those of calls the oldest first', () => {
    const redact = createRedactor(['the-first-1-secret']);
    const secretOf = (count: number) => Array(4).fill(String(count).padStart(4, '0')).join('-');
    for (let count = 0; count < 1000; count += 1) redact.hideSent(secretOf(count));
    redact.hide('the-last-2-secret');
    expect(redact(`the-first-1-secret the-last-2-secret ${secretOf(999)} ${secretOf(900)}`)).toBe(
      '[redacted] [redacted] [redacted] [redacted]',
    );
    expect(redact(secretOf(0))).toBe(secretOf(0));
  });
});

describe('what has the form of a secret of Proxmox', () => {
  const redact = createRedactor([]);
  const signature = `${'Ab3/'.repeat(20)}==`;
  it.each([
    ['a token in a header', 'Authorization: PVEAPIToken=root@pam!x=01234567-89ab-cdef-0123-456789abcdef'],
    ['a token of PBS', 'PBSAPIToken=root@pam!x:01234567-89ab-cdef-0123-456789abcdef'],
    ['a token', 'root@pam!x=01234567-89ab-cdef-0123-456789abcdef'],
    ['a token in a URL', 'root%40pam%21x%3D01234567-89ab-cdef-0123-456789abcdef'],
    ['a token that is cut off', 'root@pam!x=01234567-89ab-cd'],
    ['a ticket', `PVE:root@pam:6789ABCD::${signature}`],
    ['a ticket of VNC', `PVEVNC:6789ABCD::${signature}`],
    ['a ticket in a URL', `PVE%3Aroot%40pam%3A6789ABCD%3A%3A${encodeURIComponent(signature)}`],
    ['a ticket that is cut off', 'PVE:root@pam:6789ABCD::Ab3/Ab3/Ab3/'],
    ['a cookie', `PVEAuthCookie=PVE%3Aroot%40pam%3A6789ABCD%3A%3A${encodeURIComponent(signature)}`],
    ['a token against forgery', `CSRFPreventionToken: 6789ABCD:${'Ab3/'.repeat(10)}`],
    ['a second factor', 'otpauth://totp/x?secret=ABCDEFGHIJKLMNOP'],
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${'Ab3/'.repeat(16)}\n-----END RSA PRIVATE KEY-----`],
    ['a private key that is cut off', `-----BEGIN PRIVATE KEY-----\n${'Ab3/'.repeat(9)}`],
  ])('%s is cut out, and JSON stays JSON', (_, text) => {
    for (const said of [text, `see ${text} there`, `${text}...`, `"${text}"`, `{"a":"${text}"}`]) {
      const json = JSON.stringify({ text: JSON.stringify({ said, next: 'go on' }) });
      const cut = redact(json);
      const { said: left, next } = JSON.parse(JSON.parse(cut).text);
      expect(left).toContain('[redacted]');
      expect(left).not.toMatch(/Ab3|0123-|01234567|ABCDEFGH/);
      expect(next).toBe('go on');
    }
  });

  it('is not what looks a little like it', () => {
    for (const text of [
      'UPID:pve1:0001A2B3:0003C4D5:6789ABCD:qmstart:100:root@pam!a:',
      'the token root@pam!backup: is made',
      'fe80::1 and PVE: a question',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
      '{"CSRFPreventionToken":""}',
    ])
      expect(redact(text)).toBe(text);
  });
});
