import { encodingsOf } from './needles.js';

/** What a guest, an administrator or a log writes freely. */
const freeTexts = new Set([
  ...['description', 'comment', 'comments', 'notes', 'out-data', 'err-data', 't', 'exitstatus', 'notes-template'],
  ...[
    'host-name',
    'pretty-name',
    'message',
    'summary',
    'firstname',
    'lastname',
    'version-id',
    'text',
    'detail',
    'error',
  ],
]);

/** Records whose keys are no fields: privileges by path, and what a privilege is. */
const untouched = /^\/access\/permissions|^\/version|\/rrddata$|\/qemu-server\/cpu-flags|^\/access\/ticket/;

export interface Tampering {
  readonly fields: Readonly<Record<string, string>>;
  /** What is to be found nowhere, in whatever encoding it comes back. */
  readonly hidden: () => readonly string[];
  /** What is known by its form alone. */
  readonly shapes: readonly string[];
  /** Whether texts are so long that they are cut off somewhere. */
  readonly long: boolean;
}

/** Puts secrets into the answers of a cluster. */
export class Tamperer {
  readonly #given: Tampering;
  #turn = 0;

  constructor(given: Tampering) {
    this.#given = given;
  }

  /** The body of an answer with secrets in all its fields and texts. */
  tamper(path: string, body: string): string {
    if (untouched.test(path)) return body;
    let parsed: Record<string, unknown>;
    try {
      parsed = JSON.parse(body);
    } catch {
      return body;
    }
    if (!('data' in parsed)) return body;
    return JSON.stringify({ ...parsed, data: this.#data(path, parsed.data) });
  }

  #data(path: string, data: unknown): unknown {
    if (typeof data === 'string') {
      if (/cloudinit\/dump/.test(path)) return this.#dump(data);
      return data;
    }
    if (Array.isArray(data) && /\/(pending|cloudinit)$/.test(path)) return [...data, ...this.#pendingRows()];
    if (Array.isArray(data) && data.every((one) => typeof one === 'string') && /journal|log$/.test(path))
      return data.map((line) => `${line} ${this.text()}`);
    return this.#rows(data, /agent\/(?:file-read|exec-status)/.test(path));
  }

  /** Fields stand in what is answered itself, and in its rows. */
  #rows(data: unknown, isFile: boolean): unknown {
    const withFields = (row: unknown) =>
      typeof row !== 'object' || row === null || Array.isArray(row) ? row : { ...this.#given.fields, ...row };
    const changed = this.#value(data, isFile);
    return Array.isArray(changed) ? changed.map(withFields) : withFields(changed);
  }

  #value(value: unknown, isFile: boolean): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#value(one, isFile));
    if (typeof value !== 'object' || value === null) return value;
    const changed = Object.entries(value).map(([name, part]) => {
      const isText = freeTexts.has(name) || (isFile && name === 'content');
      if (typeof part === 'string' && isText && part !== 'OK' && part !== 'TASK OK')
        return [name, `${part} ${this.text(isFile ? 240 : 40)}`];
      return [name, this.#value(part, isFile)];
    });
    return Object.fromEntries(changed);
  }

  #pendingRows() {
    const { cipassword = '' } = this.#given.fields;
    return [{ key: 'cipassword', value: cipassword, pending: cipassword }];
  }

  #dump(dump: string): string {
    const { cipassword = '', password = '', secret = '', 'private-key': key = '' } = this.#given.fields;
    return [
      dump,
      `password: ${cipassword}`,
      `chpasswd:\n  list: |\n    root:${password}\n    admin:${password}`,
      `api_key: "${secret}"`,
      `export ADMIN_TOKEN='${secret}'`,
      `write_files:\n  - content: |\n      -----BEGIN PRIVATE KEY-----\n      ${key}\n      -----END PRIVATE KEY-----`,
      this.text(240),
    ].join('\n');
  }

  /** A secret, the next one and in the next encoding each time; or so many that the whole is cut off in one of them. */
  text(parts = 40): string {
    this.#turn += 1;
    if (!this.#given.long) return this.#one(this.#turn);
    const all = Array.from(
      { length: parts },
      (_, at) => `${'x'.repeat((this.#turn + at) % 7)} ${this.#one(this.#turn + at)}`,
    );
    return all.join(' ');
  }

  #one(turn: number): string {
    const { shapes } = this.#given;
    const hidden = this.#given.hidden();
    const spelled =
      (turn % 5 < 3 ? hidden : shapes)[Math.floor(turn / 5) % (turn % 5 < 3 ? hidden : shapes).length] ?? '';
    if (turn % 5 >= 3) return spelled;
    const forms = Object.values(encodingsOf(spelled));
    return forms[Math.floor(turn / 3) % forms.length] ?? '';
  }
}

/** An error that repeats what was sent: the header that signs in, the form and each of its values, and more. */
export function echo(
  status: number,
  { authorization, body, query }: { readonly authorization: string; readonly body: string; readonly query: string },
  more: string,
): { readonly reason: string; readonly body: string } {
  const params = [...new URLSearchParams(body), ...new URLSearchParams(query)];
  const said = params.map(([name, value]) => `'${name}' is '${value}'`).join('; ');
  const text = `bad request: ${authorization} ${body} ${said} ${more}`;
  const errors = Object.fromEntries(
    (params.length > 0 ? params : [['authorization', authorization] as const]).map(([name, value]) => [
      name,
      `value '${value}' does not look right: ${authorization}`,
    ]),
  );
  const reason = text.replace(/[^ -~]/g, '?').slice(0, 6000);
  return { reason, body: JSON.stringify({ data: null, message: text, ...(status === 400 ? { errors } : {}) }) };
}
