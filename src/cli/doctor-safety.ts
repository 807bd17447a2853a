import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { auditFindings } from './doctor-audit.js';

/** What is written down of calls, and who confirms them. */
export interface Safety {
  /** `null` where nothing is written down. */
  readonly audit: {
    readonly file: string;
    readonly required: boolean;
    readonly reads: boolean;
    readonly writable: boolean;
  } | null;
  readonly confirm: NonNullable<ClusterRegistryConfig['confirm']>;
}

export function safetyOf({ audit, confirm = 'argument' }: ClusterRegistryConfig): Safety {
  if (audit === undefined) return { audit: null, confirm };
  const { file, required, reads } = audit;
  const writable = auditFindings(audit).every(({ code }) => code !== 'AUDIT_UNWRITABLE');
  return { audit: { file, required, reads, writable }, confirm };
}

const confirmWords = {
  argument: '`confirm: true` in the call is enough for what destroys',
  human: 'a person is asked about what destroys, and about who may do what',
  'human-all': 'a person is asked about every change',
} as const;

/** The same for people. */
export function safetyText({ audit, confirm }: Safety): string {
  return [
    audit === null
      ? 'Audit: off, nothing is written down (PROXMOX_AUDIT_FILE is not set)'
      : `Audit: ${[
          audit.file,
          audit.writable ? 'writable' : 'NOT WRITABLE',
          audit.required ? 'required for changes' : 'not required: changes go on without it',
          audit.reads ? 'with reads' : 'without reads',
        ].join(', ')}`,
    `Confirmation (PROXMOX_CONFIRM): ${confirm}, ${confirmWords[confirm]}`,
  ].join('\n');
}
