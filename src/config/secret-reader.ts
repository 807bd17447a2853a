import type { ClusterSource, Setting } from './cluster-source.js';
import { decryptValue, isEncrypted } from './encrypted-value.js';
import type { Environment } from './environment.js';
import { bad, type Checked, type FaultList, good } from './faults.js';
import { expandHome, isAbsolutePath } from './file-path.js';
import { exposureProblem, type SecretAccess } from './secret-access.js';
import { parseTokenSecret } from './token-id.js';

const shortestKey = 16;
const keyVariable = 'PROXMOX_SECRET_KEY';
const keyFileVariable = 'PROXMOX_SECRET_KEY_FILE';

/** Reads the secrets of clusters out of the environment and the files that it names, and decrypts what is encrypted. */
export class SecretReader {
  readonly #environment: Environment;
  readonly #faults: FaultList;
  readonly #access: SecretAccess | undefined;
  /** `undefined` where there is none; a problem has been noted. */
  readonly #key: Setting | 'faulty' | undefined;

  constructor(environment: Environment, faults: FaultList, access: SecretAccess | undefined) {
    this.#environment = environment;
    this.#faults = faults;
    this.#access = access;
    this.#key = this.#readKey();
  }

  /** The key that values are encrypted with, and the variable that it came from; `undefined` where there is none or a faulty one. */
  get key(): Setting | undefined {
    return this.#key === 'faulty' ? undefined : this.#key;
  }

  /** The secret of one cluster's token; `undefined` when what is wrong was noted. */
  tokenSecret(source: ClusterSource): string | undefined {
    const written = source.find('TOKEN_SECRET');
    const file = source.find('TOKEN_SECRET_FILE');
    if (written !== undefined && file !== undefined) {
      this.#faults.fault(written.variable, `and ${file.variable} are both set: choose one`);
      return undefined;
    }
    if (file !== undefined) {
      const value = this.#readFile(file, (text) => !isEncrypted(text));
      return value === undefined ? undefined : this.#plain({ variable: file.variable, value });
    }
    if (written !== undefined) return this.#plain(written);
    const example = '00000000-0000-0000-0000-000000000000';
    this.#faults.fault(source.variable('TOKEN_SECRET'), `is missing: set it, such as ${example}`);
    return undefined;
  }

  #plain({ variable, value }: Setting): string | undefined {
    if (!isEncrypted(value)) return this.#faults.take(variable, parseTokenSecret(value));
    if (this.#key === 'faulty') return undefined;
    const secret = this.#faults.take(variable, this.#decrypt(value));
    return secret === undefined ? undefined : this.#faults.take(variable, parseTokenSecret(secret));
  }

  #decrypt(value: string): Checked<string> {
    const key = this.key;
    if (key === undefined) return bad(`is encrypted: set ${keyFileVariable} or ${keyVariable}`);
    const opened = decryptValue(value, key.value);
    if ('secret' in opened) {
      this.#hide(opened.secret);
      return good(opened.secret);
    }
    return bad(
      opened.why === 'form'
        ? "is no whole 'enc:v1:' value: something of it was cut off or changed, or another version made it; run proxmox-mcp encrypt again"
        : `cannot be decrypted: the key in ${key.variable} is not the one that it was encrypted with, or the value was changed; which of the two cannot be told`,
    );
  }

  #readKey(): Setting | 'faulty' | undefined {
    const written = this.#environment.get(keyVariable);
    const file = this.#environment.get(keyFileVariable);
    if (written !== undefined && file !== undefined) {
      this.#faults.fault(keyVariable, `and ${keyFileVariable} are both set: choose one`);
      return 'faulty';
    }
    if (written === undefined && file === undefined) return undefined;
    const variable = file === undefined ? keyVariable : keyFileVariable;
    const value = file === undefined ? written : this.#readFile({ variable, value: file }, () => true);
    if (value === undefined) return 'faulty';
    this.#hide(value);
    const problem = keyProblem(value);
    if (problem === undefined) return { variable, value };
    this.#faults.fault(variable, problem);
    return 'faulty';
  }

  /** What stands in a file, without space around it. No message repeats the path: the secret itself may have been put there. */
  #readFile({ variable, value }: Setting, isSecret: (text: string) => boolean): string | undefined {
    const path = this.#faults.take(variable, parsePath(value, this.#environment));
    if (path === undefined) return undefined;
    const found = this.#access?.readFile(path) ?? { reason: 'NO_READER' };
    if ('reason' in found) {
      this.#faults.fault(variable, `names ${reasons[found.reason] ?? `a file that cannot be read (${found.reason})`}`);
      return undefined;
    }
    const text = found.text.trim();
    if (!isEncrypted(text)) this.#hide(text);
    const exposed = exposureProblem(found.exposed, isSecret(text));
    if (exposed !== undefined) this.#faults.warn(variable, `names a file ${exposed}`);
    if (text !== '') return text;
    this.#faults.fault(variable, 'names a file that is empty');
    return undefined;
  }

  #hide(secret: string): void {
    this.#faults.hide(secret);
    this.#access?.onSecret?.(secret);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'a file that is not there',
  ENOTDIR: 'a file that is not there',
  EISDIR: 'a folder: write the path of a file',
  EACCES: 'a file that this user may not read',
  EPERM: 'a file that this user may not read',
  NOT_A_FILE: 'something that is no file: write the path of a file',
  TOO_LARGE: 'a file that is too large to hold a secret',
  NO_READER: 'a file, and no file can be read here: give parseEnv a way to read it',
};

/** Why a text is no key, as the rest of a sentence. */
export function keyProblem(key: string): string | undefined {
  if (isEncrypted(key)) return 'is encrypted itself: the key stands as it is';
  if (key.length >= shortestKey) return undefined;
  return `holds a key of fewer than ${shortestKey} characters: make one with openssl rand -base64 32`;
}

function parsePath(text: string, environment: Environment): Checked<string> {
  const path = expandHome(text, environment);
  if (path.ok && isAbsolutePath(path.value)) return path;
  if (!path.ok && path.problem.startsWith('starts with')) return path;
  return bad('is no absolute path: write it as /path/to/file or ~/...');
}
