import { bad, type Checked, good, type Notes } from './faults.js';

const sha256Digits = 64;
const sha1Digits = 40;

/** A SHA-256 fingerprint, 64 hexadecimal digits with or without colons; the value is in upper case with colons. */
export function parseFingerprint(text: string): Checked<string> {
  const digits = text.replaceAll(':', '');
  const pairs = digits.match(/../g) ?? [];
  const isPlain = /^[0-9a-f]+$/i.test(digits) && (text === digits || text === pairs.join(':'));
  if (isPlain && digits.length === sha256Digits) return good(pairs.join(':').toUpperCase());
  const wanted = 'write a SHA-256 fingerprint, 64 hexadecimal digits with or without colons';
  if (isPlain && digits.length === sha1Digits) return bad(`is a SHA-1 fingerprint (40 digits): ${wanted}`);
  return bad(isPlain ? `has ${digits.length} hexadecimal digits: ${wanted}` : `is no fingerprint: ${wanted}`);
}

/** Fingerprints separated by commas, each once. */
export function parseFingerprints(text: string, notes: Notes): readonly string[] | undefined {
  const found = new Set<string>();
  let failed = false;
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const fingerprint = parseFingerprint(item);
    if (fingerprint.ok) {
      found.add(fingerprint.value);
    } else {
      failed = true;
      notes.fault(fingerprint.problem);
    }
  }
  if (!failed && found.size === 0) notes.fault('holds no fingerprint: write 64 hexadecimal digits, or leave it out');
  return failed || found.size === 0 ? undefined : [...found];
}
