/** What is written down of calls, and where. */
export const auditVariables = [
  {
    name: 'PROXMOX_AUDIT_FILE',
    form: 'both',
    meaning:
      'File that every call that changes something is written down in, an absolute path or `~/...`; several servers may share it',
    default: 'none: nothing is written down',
    example: '~/proxmox-audit.jsonl',
  },
  {
    name: 'PROXMOX_AUDIT_REQUIRED',
    form: 'both',
    meaning:
      'Whether nothing is changed while that file cannot be written, such as on a full disk; with `false` the answer and the log say so instead',
    default: 'true',
    example: 'false',
  },
  {
    name: 'PROXMOX_AUDIT_READS',
    form: 'both',
    meaning: 'Whether calls that only read are written down too',
    default: 'false',
    example: 'false',
  },
  {
    name: 'PROXMOX_AUDIT_MAX_MB',
    form: 'both',
    meaning:
      'Size in MB at which the file is put aside under a number and a new one goes on, 1 to 100000; none is deleted',
    default: '50',
    example: '50',
  },
] as const;
