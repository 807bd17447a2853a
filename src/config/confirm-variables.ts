/** Who confirms what destroys. */
export const confirmVariables = [
  {
    name: 'PROXMOX_CONFIRM',
    form: 'both',
    meaning:
      'Who confirms: `argument`, where `confirm: true` in the call is enough for what destroys; `human`, where the client then has to ask the person too (MCP elicitation), as it has to for whatever says who may do what, and one that cannot is refused; `human-all`, where it has to for every change',
    default: 'argument',
    example: 'human',
  },
] as const;
