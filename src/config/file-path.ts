import type { Environment } from './environment.js';
import { bad, type Checked, good, quote } from './faults.js';

/** A path as it was written, with a leading `~` or `${HOME}` replaced by the person's folder. */
export function expandHome(path: string, environment: Environment): Checked<string> {
  const tail = /^(?:~|\$\{HOME\}|\$HOME)([/\\].*)$/s.exec(path)?.[1];
  if (tail === undefined)
    return path.startsWith('~') ? bad(`is ${quote(path)}: write ~/... or the whole path`) : good(path);
  const home = environment.get('HOME') ?? environment.get('USERPROFILE');
  if (home === undefined) return bad('starts with the home folder, and HOME is not set: write the whole path');
  return good(home.replace(/[/\\]+$/, '') + tail);
}

/** Whether a path is absolute, on Windows or elsewhere. */
export function isAbsolutePath(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);
}
