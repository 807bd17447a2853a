import { readFileSync } from 'node:fs';
import type { Plants } from './planted.js';

type Arguments = Record<string, unknown>;

const names = /password|^secret$|^secrets$|^token$|keyring|^input$|encryption-key/i;

/** The arguments with secrets of ours in place of theirs: what is called a password, a token, an input, and in URLs. */
export function plantArguments(tool: string, args: Arguments, plants: Plants): Arguments {
  return Object.fromEntries(Object.entries({ ...args, ...more(tool, plants) }).map(plantOne));

  function plantOne([name, value]: readonly [string, unknown]): [string, unknown] {
    if (names.test(name)) return [name, secretsIn(name, value)];
    if (name === 'url' && typeof value === 'string') return [name, inUrl(value)];
    if (name === 'key_file') keepLines(String(value));
    if (name === 'params' && typeof value === 'object' && value !== null)
      return [name, Object.fromEntries(Object.entries(value).map(plantOne))];
    return [name, value];
  }

  function keepLines(file: string): void {
    // A key begins with what is in its certificate too.
    for (const line of readFileSync(file, 'utf8').split('\n').slice(8))
      if (line.length >= 32 && !line.startsWith('-')) plants.keep(`${tool}: a line of a key's file`, line);
  }

  function secretsIn(name: string, value: unknown): unknown {
    if (typeof value === 'string') return plants.keep(`${tool}: ${name}`, plants.awkward());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, secretsIn(`${name}.${key}`, one)]));
  }

  function inUrl(value: string): string {
    const url = new URL(value);
    if (tool === 'proxmox-download-url') {
      url.username = 'someone';
      url.password = plants.keep(`${tool}: the password in its URL`, plants.word(24));
    }
    url.searchParams.set('token', plants.keep(`${tool}: the token in its URL`, plants.word(24)));
    return url.href;
  }
}

function more(tool: string, plants: Plants): Arguments {
  if (tool === 'proxmox-guest-exec') return { input: `${plants.word(10)}\n` };
  return {};
}
