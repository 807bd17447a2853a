/** Who confirms what destroys. */
export const confirmVariables = [
  {
    name: 'PROXMOX_CONFIRM',
    form: 'both',
    meaning:
      'Who confirms what destroys: `argument`, where `confirm: true` in the call does it, or `human`, where the client then has to ask the person too (MCP elicitation) and one that cannot is refused',
    default: 'argument',
    example: 'human',
  },
] as const;
