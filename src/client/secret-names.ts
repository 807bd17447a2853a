/** Parameters and arguments that hold a secret. `tokens` of an ACL are names. What a program in a guest is given on its standard input is where a secret belongs. */
export const secretNames =
  /password|secret|sshkeys|ssh-public-keys|token$|private|^env$|^key$|input-data|keyring|encryption-key/i;
