/** What a file of a secret holds, or the system's code for why it cannot be read. */
export type SecretFile =
  | {
      readonly text: string;
      /** What users other than its owner may do with it, and its mode; absent where they may do nothing, or where there are no modes. */
      readonly exposed?: Exposure;
    }
  | { readonly reason: string };

export interface Exposure {
  readonly readable: boolean;
  readonly writable: boolean;
  /** In octal, such as `644`. */
  readonly mode: string;
}

/** What is needed from outside for secrets that do not stand in the environment. */
export interface SecretAccess {
  readonly readFile: (path: string) => SecretFile;
  /** Is told every secret and every key as soon as it is known, whether it can be used or not. */
  readonly onSecret?: (secret: string) => void;
}

/** That others have access to a file, as the rest of a sentence; `undefined` where that does no harm. */
export function exposureProblem(exposed: Exposure | undefined, isSecret: boolean): string | undefined {
  if (exposed === undefined || !((isSecret && exposed.readable) || exposed.writable)) return undefined;
  const what = [isSecret && exposed.readable && 'read', exposed.writable && 'change'].filter(Boolean).join(' and ');
  return `that other users can ${what} (mode ${exposed.mode}): chmod 600 it`;
}
