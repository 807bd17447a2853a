const secretField =
  /passw|secret|ticket|keyring|hmac|csrf|(?:private|client|encryption|account|api|access)[-_]?key|(?:^|[-_])(?:api)?token$/i;
/** Of a key that Proxmox keeps it tells that there is one, or its fingerprint. */
const told = /^(?:[01]|(?:[0-9a-f]{2}:){7,}[0-9a-f]{2})$/i;

/** Whether a field of a configuration holds a secret, by its name. */
export const isSecretField = (name: string): boolean => secretField.test(name);

/** A field of a configuration as it may be shown: one that holds a secret by its name is masked. */
export const shownField = (name: string, value: string): string =>
  isSecretField(name) && !told.test(value) ? '[not shown]' : value;
