import { parseBoolean } from './boolean.js';
import type { AuditConfig } from './cluster-config.js';
import type { Environment } from './environment.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import { expandHome, isAbsolutePath } from './file-path.js';
import { parseWholeNumber } from './number.js';

const megabyte = 1_000_000;
const defaultMegabytes = 50;

/** What is to be written down of calls; `undefined` without a file. */
export function readAudit(environment: Environment, faults: FaultList): AuditConfig | undefined {
  const read = <T>(name: string, parse: (text: string) => Checked<T>) => {
    const value = environment.get(name);
    return value === undefined ? undefined : faults.take(name, parse(value));
  };
  const file = read('PROXMOX_AUDIT_FILE', (text) => parseFile(text, environment));
  const required = read('PROXMOX_AUDIT_REQUIRED', parseBoolean);
  const reads = read('PROXMOX_AUDIT_READS', parseBoolean);
  const megabytes = read('PROXMOX_AUDIT_MAX_MB', (text) => parseWholeNumber(text, 1, 100_000, 'megabytes'));
  if (!environment.has('PROXMOX_AUDIT_FILE')) noteFileless(environment, required, faults);
  if (file === undefined) return undefined;
  const maxBytes = (megabytes ?? defaultMegabytes) * megabyte;
  return { file, required: required !== false, reads: reads === true, maxBytes };
}

/** Who asks for an audit must not run without one. */
function noteFileless(environment: Environment, required: boolean | undefined, faults: FaultList): void {
  if (required === true)
    faults.fault('PROXMOX_AUDIT_REQUIRED', 'is true and there is no audit: set PROXMOX_AUDIT_FILE');
  for (const name of ['PROXMOX_AUDIT_READS', 'PROXMOX_AUDIT_MAX_MB'])
    if (environment.has(name)) faults.warn(name, 'has no effect without PROXMOX_AUDIT_FILE');
}

function parseFile(text: string, environment: Environment): Checked<string> {
  const path = expandHome(text, environment);
  if (!path.ok) return path;
  if (/[/\\]$/.test(path.value)) return bad(`is ${quote(text)}: write the path of a file, not of a folder`);
  return isAbsolutePath(path.value) ? good(path.value) : bad(`is ${quote(text)}: write an absolute path or ~/...`);
}
