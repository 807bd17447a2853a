import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUpid } from '../../src/pve/upid.js';

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9A-F]{${digits}}$`));
const part = fc.stringMatching(/^[A-Za-z0-9_.@%-]{1,20}$/);
const parts = fc.record({
  node: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,20}$/),
  pid: hex(8),
  pstart: fc.oneof(hex(8), hex(9)),
  start: hex(8),
  type: part,
  id: fc.oneof(fc.constant(''), part),
  user: fc.stringMatching(/^[a-z]{1,10}@(pam|pve)(![A-Za-z][A-Za-z0-9._-]{0,10})?$/),
});

describe('a UPID', () => {
  it('is taken apart', () => {
    expect(parseUpid('UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100:mcp@pve!main:')).toEqual({
      node: 'pve1',
      startTime: 1_717_239_808,
      type: 'qmstart',
      id: '100',
      user: 'mcp@pve!main',
    });
  });

  it.each([
    ['an empty id', 'UPID:pve-1:0000C350:0BEBC200:665B0000:vzdump::root@pam:', { node: 'pve-1', id: '' }],
    ['an escaped id', 'UPID:n:0000C350:0BEBC200:665B0000:download:a%3Ab.iso:root@pam:', { id: 'a%3Ab.iso' }],
    ['an image', 'UPID:n:0000C350:0BEBC200:665B0000:imgdel:100@local:root@pam:', { type: 'imgdel', id: '100@local' }],
    ['nine digits of pstart', 'UPID:n:0000C350:1F2E3D4C5:665B0000:qmstop:1:root@pam:', { startTime: 1_717_239_808 }],
    ['pstart past 2^31', 'UPID:n:0000C350:FFFFFFFF:665B0000:qmstop:1:root@pam:', { type: 'qmstop' }],
    ['a start past 2^31', 'UPID:n:0000C350:0BEBC200:FFFFFFFF:qmstop:1:root@pam:', { startTime: 4_294_967_295 }],
    ['lower-case hex', 'UPID:n:0000c350:0bebc200:665b0000:qmstop:1:root@pam:', { startTime: 1_717_239_808 }],
  ])('may have %s', (_, upid, expected) => {
    expect(parseUpid(upid)).toMatchObject(expected);
  });

  it.each([
    ['nothing', ''],
    ['no colon at its end', 'UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100:root@pam'],
    ['a line break after it', 'UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100:root@pam:\n'],
    ['something before it', 'xUPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100:root@pam:'],
    ['no node', 'UPID::0000C350:0BEBC200:665B0000:qmstart:100:root@pam:'],
    ['a node that is a path', 'UPID:../access:0000C350:0BEBC200:665B0000:qmstart:100:root@pam:'],
    ['no type', 'UPID:pve1:0000C350:0BEBC200:665B0000::100:root@pam:'],
    ['no user', 'UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:100::'],
    ['no hex', 'UPID:pve1:0000C35G:0BEBC200:665B0000:qmstart:100:root@pam:'],
    ['ten digits of pstart', 'UPID:pve1:0000C350:0BEBC20000:665B0000:qmstart:100:root@pam:'],
    ['a part too many', 'UPID:pve1:0000C350:0BEBC200:665B0000:qmstart:1:0:root@pam:'],
    ['a space in it', 'UPID:pve1:0000C350:0BEBC200:665B0000:qm start:100:root@pam:'],
  ])('is none with %s', (_, upid) => {
    expect(parseUpid(upid)).toBeUndefined();
  });

  it('that was built of parts is parsed into them', () => {
    fc.assert(
      fc.property(parts, ({ node, pid, pstart, start, type, id, user }) => {
        const upid = `UPID:${node}:${pid}:${pstart}:${start}:${type}:${id}:${user}:`;
        expect(parseUpid(upid)).toEqual({ node, startTime: Number(`0x${start}`), type, id, user });
      }),
    );
  });

  it('that is anything else is refused without an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseUpid(text)).toBeUndefined();
      }),
    );
  });
});
