import { z } from 'zod';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const absolute = /^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\u0000-\u001f]{1,4000}$/;

/** A file in a guest; relative ones would depend on where its agent was started. */
export const path = z
  .string()
  .refine((given) => absolute.test(given), 'an absolute path, such as /etc/hosts or C:\\temp\\x.txt')
  .describe('Absolute path');
