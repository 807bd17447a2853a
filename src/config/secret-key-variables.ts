/** Where the key of encrypted secrets comes from. */
export const secretKeyVariables = [
  {
    name: 'PROXMOX_SECRET_KEY_FILE',
    form: 'both',
    meaning: 'File with the key of `enc:v1:` values, an absolute path or `~/...`',
    default: 'none',
    example: '~/proxmox-mcp.key',
  },
  {
    name: 'PROXMOX_SECRET_KEY',
    form: 'both',
    meaning: 'The key itself, of at least 16 characters, in place of such a file',
    default: 'none',
    example: 'bXkgb3duIHJhbmRvbSBrZXkgb2YgMzIgYnl0ZXM=',
  },
] as const;
