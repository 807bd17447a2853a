import { isSecretField } from '../pve/secret-fields.js';

// `tokens` of an ACL are names. What a program in a guest is given on its standard input is where a secret belongs; of a
// header, what signs in.
const names =
  /password|secret|sshkeys|ssh-public-keys|token$|private|^env$|^key$|input-data|keyring|encryption-key|^authorization$|cookie|api-?key|credential/i;

/** Whether a parameter of a request, or an argument of a call, holds a secret by its name. */
export const isSecretName = (name: string): boolean => names.test(name) || isSecretField(name);
