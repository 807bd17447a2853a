import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFingerprint, parseFingerprints } from '../../src/config/fingerprint.js';
import { configOf, type Env, faultsOf, single, warningsOf, withNotes } from './environments.js';

const plain = '0123456789abcdef'.repeat(4);
const normal = (plain.match(/../g) ?? []).join(':').toUpperCase();
const wanted = 'write a SHA-256 fingerprint, 64 hexadecimal digits with or without colons';

function tlsOf(env: Env) {
  return configOf(single(env)).clusters[0]?.tls;
}

describe('fingerprints', () => {
  it('are upper case with colons, however they were written', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.boolean(),
        fc.boolean(),
        (bytes, colons, upper) => {
          const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
          const text = pairs.join(colons ? ':' : '');
          expect(parseFingerprint(upper ? text.toUpperCase() : text)).toEqual({
            ok: true,
            value: pairs.join(':').toUpperCase(),
          });
        },
      ),
    );
  });

  it.each([
    ['ab'.repeat(20), `is a SHA-1 fingerprint (40 digits): ${wanted}`],
    [['ab:'.repeat(19), 'ab'].join(''), `is a SHA-1 fingerprint (40 digits): ${wanted}`],
    ['ab'.repeat(16), `has 32 hexadecimal digits: ${wanted}`],
    ['xyz', `is no fingerprint: ${wanted}`],
    [`:${plain}`, `is no fingerprint: ${wanted}`],
    [`${normal}:`, `is no fingerprint: ${wanted}`],
    [normal.replaceAll(':', ' '), `is no fingerprint: ${wanted}`],
  ])('refuses %s', (text, problem) => {
    expect(parseFingerprint(text)).toEqual({ ok: false, problem });
  });

  it('are a list, each once', () => {
    const other = 'ff'.repeat(32);
    expect(withNotes((notes) => parseFingerprints(`${plain}, ${normal},${other}`, notes)).value).toHaveLength(2);
    expect(withNotes((notes) => parseFingerprints(`${plain},nonsense,12`, notes)).faults).toHaveLength(2);
    expect(withNotes((notes) => parseFingerprints(',', notes)).faults).toEqual([
      'V holds no fingerprint: write 64 hexadecimal digits, or leave it out',
    ]);
  });
});

describe('how the certificate is checked', () => {
  it.each<[string, Env, object]>([
    ['by default', {}, { mode: 'system' }],
    ['VERIFY=true', { PROXMOX_VERIFY: 'TRUE' }, { mode: 'system' }],
    ['a fingerprint', { PROXMOX_FINGERPRINT: plain }, { mode: 'fingerprint', fingerprints: [normal] }],
    ['a file', { PROXMOX_CA_FILE: '/ca.pem' }, { mode: 'ca', caFile: '/ca.pem' }],
    ['a file on Windows', { PROXMOX_CA_FILE: 'C:\\ca.pem' }, { mode: 'ca', caFile: 'C:\\ca.pem' }],
    ['a file at home', { PROXMOX_CA_FILE: '~/ca.pem', HOME: '/home/me' }, { mode: 'ca', caFile: '/home/me/ca.pem' }],
    [
      `a file in \${HOME}`,
      { PROXMOX_CA_FILE: `\${HOME}/ca.pem`, HOME: '/home/me' },
      { mode: 'ca', caFile: '/home/me/ca.pem' },
    ],
    [
      'a file at home on Windows',
      { PROXMOX_CA_FILE: '~\\ca.pem', USERPROFILE: 'C:\\Users\\me' },
      { mode: 'ca', caFile: 'C:\\Users\\me\\ca.pem' },
    ],
  ])('%s', (_, env, tls) => {
    expect(tlsOf(env)).toEqual(tls);
    expect(warningsOf(single(env))).toEqual([]);
  });

  it('is off with VERIFY=false, which is warned about', () => {
    expect(tlsOf({ PROXMOX_VERIFY: 'no' })).toEqual({ mode: 'off' });
    expect(warningsOf(single({ PROXMOX_VERIFY: 'no' }))).toEqual([
      'PROXMOX_VERIFY is false: any certificate is accepted, so another machine can take the token; set FINGERPRINT or CA_FILE instead',
    ]);
  });

  it.each<[string, Env, string]>([
    ['FINGERPRINT', { PROXMOX_FINGERPRINT: plain }, 'fingerprint'],
    ['CA_FILE', { PROXMOX_CA_FILE: '/ca.pem' }, 'ca'],
  ])('goes by %s and warns that VERIFY=false has no effect', (suffix, env, mode) => {
    const both = { ...env, PROXMOX_VERIFY: '0' };
    expect(tlsOf(both)).toMatchObject({ mode });
    expect(warningsOf(single(both))).toEqual([
      `PROXMOX_VERIFY is false and has no effect, as PROXMOX_${suffix} decides: leave it out`,
    ]);
  });

  it('refuses FINGERPRINT with CA_FILE', () => {
    expect(faultsOf(single({ PROXMOX_FINGERPRINT: plain, PROXMOX_CA_FILE: '/ca.pem' }))).toEqual([
      'PROXMOX_FINGERPRINT and PROXMOX_CA_FILE are both set: choose one',
    ]);
  });

  it('refuses a fingerprint that is none, and never falls back to less', () => {
    expect(faultsOf(single({ PROXMOX_FINGERPRINT: '12', PROXMOX_VERIFY: 'false' }))).toEqual([
      `PROXMOX_FINGERPRINT has 2 hexadecimal digits: ${wanted}`,
    ]);
    expect(faultsOf(single({ PROXMOX_VERIFY: 'flase' }))).toEqual(["PROXMOX_VERIFY is 'flase': write true or false"]);
  });

  it('refuses a home folder that is not known', () => {
    expect(faultsOf(single({ PROXMOX_CA_FILE: '~/ca.pem' }))).toEqual([
      'PROXMOX_CA_FILE starts with the home folder, and HOME is not set: write the whole path',
    ]);
    expect(faultsOf(single({ PROXMOX_CA_FILE: '~root/ca.pem', HOME: '/h' }))).toEqual([
      "PROXMOX_CA_FILE is '~root/ca.pem': write ~/... or the whole path",
    ]);
  });

  it('warns of a relative path', () => {
    expect(warningsOf(single({ PROXMOX_CA_FILE: 'ca.pem' }))).toEqual([
      'PROXMOX_CA_FILE is a relative path, and a client may start the server in any folder: write the whole path',
    ]);
  });
});
