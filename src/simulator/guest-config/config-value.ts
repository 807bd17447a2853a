import { networkDevice } from '../network-device.js';
import { splitList } from '../parameter-format.js';
import { type ParameterSpecs, specOf } from '../parameters.js';
import { died } from '../pve-error.js';
import type { ConfigValue, GuestType, PveVersion } from '../state.js';
import { lxcConfigParameters } from './lxc-parameters.js';
import { qemuDeviceParameters } from './qemu-device-parameters.js';
import { qemuOptionParameters } from './qemu-parameters.js';

export const configParameters: Readonly<Record<GuestType, ParameterSpecs>> = {
  qemu: { ...qemuOptionParameters, ...qemuDeviceParameters },
  lxc: lxcConfigParameters,
};

export function isConfigKey(type: GuestType, key: string, version: PveVersion): boolean {
  return specOf(configParameters[type], key, version) !== undefined;
}

const keyTypes = /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-\S+) [A-Za-z0-9+/]+=*( .*)?$/;

export function refuseBadSshKeys(text: string): void {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (!lines.every((line) => keyTypes.test(line.trim()))) throw died('SSH public key validation error');
}

function tagList(value: string): string {
  return [...new Set(splitList(value).map((tag) => tag.toLowerCase()))].sort().join(';');
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw died('SSH public key validation error');
  }
}

/** A value as the configuration file holds it. */
export function storedValue(type: GuestType, key: string, value: string, version: PveVersion): ConfigValue {
  if (/^net\d+$/.test(key)) return networkDevice(type, value);
  if (key === 'tags') return tagList(value);
  if (key === 'description') return value.endsWith('\n') ? value : `${value}\n`;
  if (key === 'cipassword') return `$5$${Buffer.from(value).toString('hex').slice(0, 8)}$simulated`;
  if (key === 'sshkeys') {
    refuseBadSshKeys(decoded(value));
    return value;
  }
  if (key === 'vmgenid' && value === '1') return crypto.randomUUID();
  const declared = specOf(configParameters[type], key, version)?.type;
  return declared === 'integer' || declared === 'boolean' ? Number(value) : value;
}

/** What readers get to see. */
export function shownValue(key: string, value: ConfigValue): ConfigValue {
  return key === 'cipassword' ? '**********' : value;
}
