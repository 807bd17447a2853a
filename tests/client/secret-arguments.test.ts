import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/client/redact/redact.js';
import { hideSecretArguments } from '../../src/client/secret-arguments.js';

function hiddenIn(args: unknown): string[] {
  const hidden: string[] = [];
  hideSecretArguments(args, (secret) => hidden.push(secret));
  return hidden;
}

describe('secrets among arguments', () => {
  it.each([
    ['smb://user:pa55-word@host/share', ['pa55-word']],
    ['smb://user:pa55:w@rd@host/share', ['pa55:w@rd']],
    ['smb://user:pa55%20word@host', ['pa55%20word', 'pa55 word']],
    ['smb://us@er:pa55@host', ['pa55']],
    ['https://host:8006/path@x', []],
    ['https://user@host:8006/', []],
    ['https://user:@host/', []],
    ['https://host/?x=1&sig=5ecret#y', ['5ecret']],
    ['https://host?a=b:c@d', []],
  ])('in %s', (url, secrets) => {
    expect(hiddenIn({ url })).toEqual(secrets);
  });

  it.each(['aName', 'a_Name', 'a-name_', 'Some_Aa_A', 'aaAaa_aaa_Aaa', 'SOME_NAME', ''])(
    'are no name such as %s',
    (name) => {
      expect(hiddenIn({ password: name })).toEqual([]);
    },
  );

  it.each(['aName1', 'aB', 'a_AB', 'a b', 'AaA'])('are %s', (password) => {
    expect(hiddenIn({ password })).toEqual([password]);
  });

  // Any of these took minutes at least.
  it('are found in what is made to take long', () => {
    expect(hiddenIn({ url: Array.from({ length: 1200 }, () => `a://${':'.repeat(8180)}`) })).toEqual([]);
    const long = `a${'_Aaa'.repeat(100)}!`;
    expect(hiddenIn({ password: long })).toEqual([long]);
  });

  it('are cut out of what is made to take long', () => {
    const redact = createRedactor([]);
    const secrets = ['1'.repeat(8000), '"\\1'.repeat(200)];
    hideSecretArguments({ password: secrets }, redact.hideSent);
    for (const one of secrets) {
      expect(JSON.parse(redact(JSON.stringify(one)))).toBe('[redacted]');
      const { x } = JSON.parse(redact(JSON.stringify({ x: one.slice(0, 400) })));
      expect(x.length).toBeLessThan(20);
    }
  });

  it('are not told of where they would take long in every spelling', () => {
    const redact = createRedactor(['\\'.repeat(8000)]);
    expect(hiddenIn({ password: ['\\'.repeat(8000), '"\\1'.repeat(2000), 'one-password!'] })).toEqual([
      'one-password!',
    ]);
    const text = JSON.stringify('\\'.repeat(20_000));
    expect(redact(text)).toBe(text);
  });

  it('are told no more than so many of', () => {
    expect(hiddenIn({ password: Array.from({ length: 20_000 }, (_, index) => `word-1-${index}`) })).toHaveLength(200);
    const long = Array.from({ length: 200 }, (_, index) => `${index}`.padEnd(8000, '%'));
    expect(hiddenIn({ password: long })).toHaveLength(8);
  });
});
