import { z } from 'zod';
import { InvalidInput } from '../invalid-input.js';

/** By the number of hex digits. */
const algorithms = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [56, 'sha224'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);

/** Of a file that a node is to fetch. */
export const checksum = z
  .string()
  .refine((sum) => /^[0-9a-f]+$/i.test(sum), 'hex digits')
  .optional()
  .describe('Hex; kind by length');

/** As download-url takes it. */
export function checksumOf(sum: string | undefined): { checksum?: string; 'checksum-algorithm'?: string } {
  if (sum === undefined) return {};
  const algorithm = algorithms.get(sum.length);
  if (algorithm !== undefined) return { checksum: sum, 'checksum-algorithm': algorithm };
  const lengths = [...algorithms].map(([length, name]) => `${name} ${length}`).join(', ');
  throw new InvalidInput({ argument: 'checksum', message: `${sum.length} hex digits are none of ${lengths}` });
}
