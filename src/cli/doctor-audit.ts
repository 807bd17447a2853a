import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { AuditError, reasonOf } from '../client/audit/audit-error.js';
import { readTail } from '../client/audit/chain-tail.js';
import { exposureOf } from '../clusters/secret-file.js';
import type { AuditConfig } from '../config/cluster-config.js';
import { exposureProblem } from '../config/secret-access.js';
import type { Finding } from './doctor-finding.js';

/** Whether the audit can be written, as far as that is seen without writing. */
export function auditFindings(audit: AuditConfig | undefined): Finding[] {
  if (audit === undefined) return [];
  try {
    // What is not there yet is made by the first call.
    if (!existsSync(audit.file)) return writable(existingFolder(audit.file));
    return [...lookInto(audit.file), ...writable(dirname(audit.file))];
  } catch (error) {
    const stops = audit.required ? 'nothing can be changed on any cluster' : 'changes leave no line in it';
    return [
      {
        severity: 'error',
        code: 'AUDIT_UNWRITABLE',
        message: `PROXMOX_AUDIT_FILE cannot be written (${reasonOf(error)}): ${stops}`,
        next: `Make '${audit.file}' an audit or nothing, and it and its folder writable for the account of the server.`,
      },
    ];
  }
}

/** The folder of a file, or the nearest above it that is there. */
function existingFolder(file: string): string {
  const folder = dirname(file);
  return existsSync(folder) || folder === file ? folder : existingFolder(folder);
}

function writable(folder: string): [] {
  if (!statSync(folder).isDirectory()) throw new AuditError(folder, 'ENOTDIR');
  accessSync(folder, constants.W_OK);
  return [];
}

function lookInto(file: string): Finding[] {
  accessSync(file, constants.R_OK | constants.W_OK);
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const state = fstatSync(descriptor);
    if (!state.isFile()) throw new AuditError(file, 'NOT_A_FILE');
    if (state.size > 0) readTail(file, descriptor, state.size);
    const problem = exposureProblem(exposureOf(state.mode), true);
    if (problem === undefined) return [];
    return [{ severity: 'warning', code: 'AUDIT_EXPOSED', message: `PROXMOX_AUDIT_FILE is a file ${problem}` }];
  } finally {
    closeSync(descriptor);
  }
}
