import { createHash } from 'node:crypto';

const location = 'http://download.proxmox.com/images/system';

function system(os: string, version: string, build: string, headline: string) {
  const name = `${os}-${version.split('.')[0]}-standard`;
  const template = `${name}_${version}-${build}_amd64.tar.zst`;
  return {
    template,
    package: name,
    os: `${os}-${version.split('.')[0]}`,
    section: 'system',
    type: 'lxc',
    version: `${version}-${build}`,
    architecture: 'amd64',
    headline,
    description: `A small ${headline} system including all standard packages.\n`,
    infopage: 'https://linuxcontainers.org',
    location: `${location}/${template}`,
    maintainer: 'Proxmox Support Team <support@proxmox.com>',
    source: location,
    sha512sum: createHash('sha512').update(template).digest('hex'),
  };
}

/** Bytes; one size fits all. */
export const applianceSize = 127_000_000;

/** The templates that `pveam update` has found. */
export const appliances = [
  system('debian', '12.7', '1', 'Debian 12 Bookworm'),
  system('debian', '13.1', '2', 'Debian 13 Trixie'),
  system('ubuntu', '24.04', '2', 'Ubuntu 24.04 Noble'),
  system('alpine', '3.22', '20250617', 'LXC default image for alpine 3.22'),
  system('rockylinux', '9', '20240912', 'LXC default image for rockylinux 9'),
];

export function applianceNamed(template: string) {
  return appliances.find((entry) => entry.template === template);
}
