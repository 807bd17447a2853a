import { describe, expect, it } from 'vitest';
import { decodeKeys, encodeKeys, isCloudInitVolume, withoutSecrets } from '../../src/pve/cloud-init.js';

describe('what a guest is told by cloud-init', () => {
  it('is shown without what is secret in it', () => {
    const dump = `#cloud-config
hostname: web
password: $5$abc$def
chpasswd:
  expire: False
  list: |
    root:hunter2
    admin:hunter3
users:
  - name: ops
    hashed_passwd: "$6$xyz"
    lock_passwd: false
write_files:
  - content: |
      export API_TOKEN=abcdef
      client-secret = ghijkl
      -----BEGIN OPENSSH PRIVATE KEY-----
      b3BlbnNzaA==
      -----END OPENSSH PRIVATE KEY-----
ssh_authorized_keys:
  - ssh-ed25519 AAAA ops
`;
    const shown = withoutSecrets(dump);
    expect(shown).not.toMatch(/\$5|\$6|hunter|abcdef|ghijkl|b3BlbnNzaA/);
    expect(shown).toContain(
      'hostname: web\npassword: [not shown]\nchpasswd:\n  expire: False\n  list: [not shown]\nusers:',
    );
    expect(shown).toContain('  - ssh-ed25519 AAAA ops');
  });
});

describe('SSH keys', () => {
  const plain = 'ssh-ed25519 AAAA+/= a@b\nssh-rsa BBBB c 100%';
  it('are encoded once, whether or not they were', () => {
    expect(encodeKeys(`${plain}\n`)).toBe(encodeURIComponent(plain));
    expect(encodeKeys(encodeURIComponent(plain))).toBe(encodeURIComponent(plain));
    expect(encodeKeys(plain)).toMatch(/^[-%\w.!~*'()]*$/);
  });
  it('are read as they were written', () => {
    expect(decodeKeys(encodeURIComponent(plain))).toBe(plain);
    expect(decodeKeys('%FF%20')).toBe('%FF%20');
  });
});

it.each([
  ['local-lvm:vm-100-cloudinit', true],
  ['nfs:100/vm-100-cloudinit.qcow2', true],
  ['nfs:cloudinit', true],
  ['local:iso/cloudinit-tools.iso', false],
  ['local-lvm:vm-100-disk-0', false],
])('%s is a cloud-init drive: %s', (volid, is) => {
  expect(isCloudInitVolume(volid)).toBe(is);
});
