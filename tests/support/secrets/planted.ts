import { Seeded } from '../seeded.js';
import type { Planted } from './needles.js';

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** Secrets of every kind, the same for the same seed. */
export class Plants {
  readonly all: Planted[] = [];
  readonly #random: Seeded;

  constructor(seed: number) {
    this.#random = new Seeded(seed);
  }

  /** Letters and digits. */
  word(length: number): string {
    return Array.from({ length }, () => this.#random.pick([...letters])).join('');
  }

  uuid(): string {
    const hex = (length: number) => Array.from({ length }, () => this.#random.below(16).toString(16)).join('');
    return [8, 4, 4, 4, 12].map(hex).join('-');
  }

  /** One that every encoding writes in another way. */
  awkward(): string {
    return `${this.word(7)}+/${this.word(5)}"&${this.word(6)}\\;${this.word(6)}'?${this.word(7)}`;
  }

  keep(name: string, secret: string): string {
    if (!this.all.some((one) => one.secret === secret)) this.all.push({ name, secret });
    return secret;
  }
}

/** Fields that hold secrets by their nature, in whatever Proxmox answers. */
const secretFields = [
  ...['cipassword', 'password', 'secret', 'token', 'private-key', 'client-key', 'keyring', 'encryption-key'],
  ...['bind-password', 'ticket', 'CSRFPreventionToken', 'vncticket', 'apitoken', 'eab-hmac-key', 'proxy-password'],
  ...['account-key', 'webauthn-secret', 'totp-secret', 'api_key', 'access_key'],
] as const;

export interface Seeds {
  /** Values of fields, by their names. */
  readonly fields: Readonly<Record<string, string>>;
  /** Texts of the form of a token, a ticket or a private key, each with a part that is secret. */
  readonly shapes: readonly string[];
}

/** What stands in answers: in fields by their names, and in texts by their forms. */
export function seedsOf(plants: Plants): Seeds {
  const fields = Object.fromEntries(
    secretFields.map((name) => [name, plants.keep(`the field ${name}`, plants.awkward())]),
  );
  const signature = (name: string) => plants.keep(name, plants.word(86));
  const line = (name: string) => plants.keep(name, plants.word(64));
  const key = ['RSA PRIVATE KEY', 'PRIVATE KEY', 'OPENSSH PRIVATE KEY'].map((kind) => {
    const lines = [1, 2, 3].map((at) => line(`line ${at} of a ${kind}`));
    return `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----`;
  });
  const cookie = encodeURIComponent(`PVE:root@pam:6789ABCD::${signature('a cookie')}==`);
  const shapes = [
    `PVEAPIToken=other@pve!ci=${plants.keep('a token in a header', plants.uuid())}`,
    `backup@pbs!store:${plants.keep('a token of PBS', plants.uuid())}`,
    `PVE:root@pam:6789ABCD::${signature('a ticket')}==`,
    `PVEVNC:6789ABCD::${signature('a ticket of VNC')}==`,
    `PVETUNNEL:6789ABCD::${signature('a ticket of a tunnel')}==`,
    `PVEAuthCookie=${cookie}`,
    `CSRFPreventionToken: 6789ABCD:${plants.keep('a token against forgery', plants.word(43))}`,
    `otpauth://totp/root@pam?secret=${plants.keep('a second factor', plants.word(32))}&issuer=pve`,
    ...key,
  ];
  return { fields, shapes };
}
