import { isEncrypted } from '../config/encrypted-value.js';
import { parseEnvFile } from './env-file.js';
import { type Keys, neitherKey, reencrypt } from './reencrypt.js';

/** A file of settings under a new key. */
export interface RotatedSettings {
  readonly text: string;
  /** The variables whose values are now under the new key. */
  readonly encrypted: string[];
  /** The variables whose values were so before. */
  readonly already: string[];
}

const encryptedLine = /^([^\S\n]*(?:export[^\S\n]+)?([\w.-]+)(?:[^\S\n]*=[^\S\n]*|:[^\S\n]+)['"`]?)(enc:v1:[\w-]+)/gm;

/** Every encrypted value of the file under the new key; all else of it stays as it is. */
export function rotateSettings(text: string, keys: Keys): RotatedSettings {
  const settings = parseEnvFile(text);
  const encrypted: string[] = [];
  const already: string[] = [];
  const rotated = text.replace(encryptedLine, (line, start: string, name: string, value: string) => {
    const anew = reencrypt(value, keys);
    // Of a variable that is there twice, the last one counts.
    if (anew === undefined && settings[name] !== value) return line;
    if (anew === undefined) throw neitherKey(name);
    (anew === value ? already : encrypted).push(name);
    return start + anew;
  });
  const touched = new Set([...encrypted, ...already]);
  const missed = Object.keys(settings).find((name) => isEncrypted(settings[name] ?? '') && !touched.has(name));
  if (missed !== undefined) throw new Error(`${missed} holds no whole 'enc:v1:' value. Nothing was changed`);
  checkSame(settings, parseEnvFile(rotated), touched);
  return { text: rotated, encrypted, already };
}

/** Names the file of the new key where the settings name the old one, or hold it. */
export function nameKey(
  text: string,
  keyFile: string,
): { readonly text: string; readonly replaced: string | undefined } {
  const settings = parseEnvFile(text);
  const replaced = ['PROXMOX_SECRET_KEY_FILE', 'PROXMOX_SECRET_KEY'].find((name) => settings[name]);
  if (replaced === undefined) return { text, replaced };
  const line = new RegExp(
    `^([^\\S\\n]*(?:export[^\\S\\n]+)?)${replaced}([^\\S\\n]*=[^\\S\\n]*|:[^\\S\\n]+)` +
      `('[^'\\n]*'|"[^"\\n]*"|\`[^\`\\n]*\`|[^#\\r\\n'"\`]*?)(?=[^\\S\\n]*(?:#.*)?\\r?$)`,
    'gm',
  );
  const written = /^[\w./:\\-]+$/.test(keyFile) ? keyFile : `'${keyFile}'`;
  const named = text.replace(
    line,
    (_, start: string, sign: string) => `${start}PROXMOX_SECRET_KEY_FILE${sign}${written}`,
  );
  const now = parseEnvFile(named);
  if (now.PROXMOX_SECRET_KEY_FILE !== keyFile || now.PROXMOX_SECRET_KEY)
    throw new Error(`the line of ${replaced} cannot be rewritten: write it in one line. Nothing was changed`);
  checkSame(settings, now, new Set(['PROXMOX_SECRET_KEY_FILE', 'PROXMOX_SECRET_KEY']));
  return { text: named, replaced };
}

function checkSame(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  except: ReadonlySet<string>,
): void {
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].find(
    (name) => !except.has(name) && before[name] !== after[name],
  );
  if (differing !== undefined) throw new Error(`${differing} would not stay as it is. Nothing was changed`);
}
