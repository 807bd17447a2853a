import { z } from 'zod';

/** A file in a guest; relative ones would depend on where its agent was started. */
export const path = z
  .string()
  .max(4096)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\u0000-\u001f]+$/, 'an absolute path, such as /etc/hosts or C:\\temp\\x.txt')
  .describe('Absolute path in the VM');
