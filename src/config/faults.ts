import type { ConfigFault } from './cluster-config.js';

/** What a parser of one value answers: the value, or what is wrong with it as the rest of a sentence that starts with the variable. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export function good<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function bad(problem: string): Checked<never> {
  return { ok: false, problem };
}

/** Takes what is wrong with one variable; each text is the rest of a sentence that starts with its name. */
export interface Notes {
  fault(rest: string): void;
  warn(rest: string): void;
}

const longestQuote = 60;
const uuid = /[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/gi;

/** A value as a message may show it: in quotes, control characters escaped, UUIDs (the shape of every token secret) masked, long ones not at all. */
export function quote(value: string): string {
  if (value.length > longestQuote) return `a value of ${value.length} characters`;
  const visible = value.replace(uuid, '********').replace(/\p{C}/gu, escapeCharacter);
  return `'${visible}'`;
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Below this length a secret would be found by chance in ordinary words, and masking it would garble them. */
const shortestMasked = 8;

/** Collects faults and warnings in the order in which they are found, and masks the given secrets in every text. */
export class FaultList {
  readonly faults: ConfigFault[] = [];
  readonly warnings: ConfigFault[] = [];
  readonly #hidden: string[] = [];
  #secrets: RegExp | undefined;

  constructor(secrets: readonly string[] = []) {
    this.hide(...secrets);
  }

  /** Masks these secrets as well, in what is noted from now on. */
  hide(...secrets: readonly string[]): void {
    this.#hidden.push(...secrets.filter((secret) => secret.length >= shortestMasked));
    const masked = this.#hidden.toSorted((a, b) => b.length - a.length);
    this.#secrets = masked.length === 0 ? undefined : new RegExp(masked.map(escapeRegExp).join('|'), 'gi');
  }

  fault(variable: string, rest: string): void {
    this.faults.push(this.#note(variable, rest));
  }

  warn(variable: string, rest: string): void {
    this.warnings.push(this.#note(variable, rest));
  }

  about(variable: string): Notes {
    return {
      fault: (rest) => this.fault(variable, rest),
      warn: (rest) => this.warn(variable, rest),
    };
  }

  /** The value, or `undefined` with its problem noted as a fault. */
  take<T>(variable: string, checked: Checked<T>): T | undefined {
    if (checked.ok) return checked.value;
    this.fault(variable, checked.problem);
    return undefined;
  }

  #note(variable: string, rest: string): ConfigFault {
    const masked = this.#secrets === undefined ? rest : rest.replace(this.#secrets, '********');
    return { variable, message: `${variable} ${masked}` };
  }
}

/** The source of a regular expression that matches this text and nothing else. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
