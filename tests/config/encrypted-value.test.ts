import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptValue, encryptValue } from '../../src/config/encrypted-value.js';

const key = 'a key that nobody can guess';
const secret = '11111111-2222-3333-4444-555555555555';
/** Each new value costs a stretching of the key, which is slow by design. */
const few = { numRuns: 12 };
const anyKey = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.normalize('NFC') !== key);

describe('an encrypted value', () => {
  it('opens to what was encrypted, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), anyKey, (text, anyone) => {
        expect(decryptValue(encryptValue(text, anyone), anyone)).toEqual({ secret: text });
      }),
      few,
    );
  }, 60_000);

  it('opens with no other key', () => {
    const value = encryptValue(secret, key);
    fc.assert(
      fc.property(anyKey, (other) => {
        expect(decryptValue(value, other)).toEqual({ why: 'key-or-value' });
      }),
      few,
    );
  }, 60_000);

  it('is another one each time, and shows nothing of the secret', () => {
    const [one, other] = [encryptValue(secret, key), encryptValue(secret, key)];
    expect(one).not.toBe(other);
    for (const value of [one, other]) {
      expect(value).toMatch(/^enc:v1:[\w-]+$/);
      expect(Buffer.from(value.slice(7), 'base64url').toString('latin1')).not.toContain(secret.slice(0, 8));
    }
    expect(one.slice(7, 50)).not.toBe(other.slice(7, 50));
  });

  it('is refused with any byte of it changed', () => {
    const bytes = Buffer.from(encryptValue(secret, key).slice(7), 'base64url');
    for (const [index, byte] of bytes.entries()) {
      const changed = Buffer.from(bytes);
      changed[index] = byte ^ (1 << (index % 8));
      expect(decryptValue(`enc:v1:${changed.toString('base64url')}`, key), `byte ${index}`).toEqual({
        why: 'key-or-value',
      });
    }
  }, 120_000);

  it('is refused with any character of it replaced, left out or put in', () => {
    const value = encryptValue(secret, key);
    // Behind the salt, so that the key need not be stretched anew each time.
    const place = fc.nat({ max: value.length - 1 }).filter((index) => index < 7 || index > 28);
    const character = fc.string({ unit: 'binary-ascii', minLength: 0, maxLength: 2 });
    fc.assert(
      fc.property(place, fc.nat({ max: 1 }), character, (index, taken, put) => {
        const changed = value.slice(0, index) + put + value.slice(index + taken);
        fc.pre(changed !== value);
        expect(decryptValue(changed, key)).toHaveProperty('why');
      }),
      { numRuns: 2000 },
    );
  }, 120_000);

  it('is refused cut off anywhere', () => {
    const value = encryptValue('short', key);
    for (let length = 0; length < value.length; length += 1)
      expect(decryptValue(value.slice(0, length), key)).toHaveProperty('why');
  }, 60_000);

  it('of the form that is documented opens: a value made by hand', async () => {
    const { createCipheriv, scryptSync } = await import('node:crypto');
    const [salt, nonce] = [Buffer.alloc(16, 7), Buffer.alloc(12, 9)];
    const made = createCipheriv('aes-256-gcm', scryptSync(key, salt, 32, { N: 16_384, r: 8, p: 1 }), nonce);
    made.setAAD(Buffer.from('enc:v1:'));
    const sealed = Buffer.concat([salt, nonce, made.update(secret), made.final(), made.getAuthTag()]);
    expect(decryptValue(`enc:v1:${sealed.toString('base64url')}`, key)).toEqual({ secret });
    const unbound = createCipheriv('aes-256-gcm', scryptSync(key, salt, 32), nonce);
    const other = Buffer.concat([salt, nonce, unbound.update(secret), unbound.final(), unbound.getAuthTag()]);
    expect(decryptValue(`enc:v1:${other.toString('base64url')}`, key)).toEqual({ why: 'key-or-value' });
  });
});
