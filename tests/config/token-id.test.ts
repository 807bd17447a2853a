import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTokenId, parseTokenSecret } from '../../src/config/token-id.js';
import { secret } from './environments.js';

function problemOf(parsed: ReturnType<typeof parseTokenId>): string {
  return parsed.ok ? '' : parsed.problem;
}

describe('parseTokenId', () => {
  it.each(['root@pam!ci', 'mcp@pve!proxmox-mcp', 'jane.doe@corp.com@my-ad!t_1.x', 'a!b@pve!tok'])(
    'takes %s',
    (text) => {
      expect(parseTokenId(text)).toEqual({ ok: true, value: text });
    },
  );

  it.each([
    ['root', "neither '@realm' nor '!tokenname'"],
    ['root@pam', "has no '!' and token name"],
    ['root!ci', "has no '@realm' before the '!'"],
    ['root!ci@pam', "has no '@realm' before the '!'"],
    ['@pam!ci', "has no user before the '@'"],
    ['root@!ci', 'has no valid realm'],
    ['root@1!ci', 'has no valid realm'],
    ['root@pam!', 'has no valid token name'],
    ['root@pam!1x', 'has no valid token name'],
    ['ro:ot@pam!ci', "':' or '/'"],
    ['ro ot@pam!ci', 'a space'],
    ['rööt@pam!ci', 'not printable ASCII'],
    [`root@pam!ci=${secret}`, 'holds a whole token'],
    [`PVEAPIToken=root@pam!ci=${secret}`, 'holds a whole token'],
    ['PVEAPIToken=root@pam!ci', 'holds a whole token'],
    [`PVEAPIToken root@pam!ci:${secret}`, 'holds a whole token'],
  ])('refuses %s', (text, problem) => {
    expect(problemOf(parseTokenId(text))).toContain(problem);
  });

  it('says how to split a whole token', () => {
    expect(problemOf(parseTokenId(`root@pam!ci=${secret}`))).toBe(
      "holds a whole token: keep user@realm!tokenname here, without 'PVEAPIToken=', and put what stands after the last '=' into TOKEN_SECRET",
    );
  });

  it('never repeats the text, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uuid(), (text, uuid) => {
        for (const input of [text + uuid, `${uuid}${text}`, `a@b!c${text}=${uuid}`]) {
          expect(problemOf(parseTokenId(input))).not.toContain(uuid);
          expect(problemOf(parseTokenSecret(input))).not.toContain(uuid);
        }
      }),
    );
  });

  it('takes every user, realm and token name that Proxmox allows in ASCII', () => {
    const identifier = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{1,20}$/);
    const user = fc.stringMatching(/^[A-Za-z0-9.!@_+-]{1,20}$/);
    fc.assert(
      fc.property(user, identifier, identifier, (name, realm, token) => {
        const text = `${name}@${realm}!${token}`;
        expect(parseTokenId(text).ok).toBe(!/^PVEAPIToken/i.test(text));
      }),
    );
  });
});

describe('parseTokenSecret', () => {
  it('takes printable text as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,60}$/), (text) => {
        const looksWhole = /^PVEAPIToken/i.test(text) || /^[^=]*@[^=]*![^=]*=/.test(text);
        expect(parseTokenSecret(text)).toEqual(
          looksWhole ? { ok: false, problem: expect.any(String) } : { ok: true, value: text },
        );
      }),
    );
  });

  it.each([
    ['a b', 'holds a space'],
    ['a\nb', 'a control character'],
    ['a\u00a0b', 'not ASCII'],
    [`mcp@pve!x=${secret}`, 'holds a whole token'],
    [`PVEAPIToken=mcp@pve!x=${secret}`, 'holds a whole token'],
  ])('refuses %j', (text, problem) => {
    expect(problemOf(parseTokenSecret(text))).toContain(problem);
  });
});
