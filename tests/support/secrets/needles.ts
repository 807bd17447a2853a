/** Of a secret more than this many characters together must not leave. */
const most = 8;

const hexOf = (bytes: Buffer) => bytes.toString('hex');
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const ascii = (text: string) =>
  [...Array(text.length).keys()]
    .map((at) => text.charCodeAt(at))
    .map((unit) => (unit > 0x7e ? `\\u${unit.toString(16).padStart(4, '0')}` : json(String.fromCharCode(unit))))
    .join('');
const form = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
const lowerEscapes = (text: string) => text.replace(/%../g, (code) => code.toLowerCase());

/** The three ways in which bytes stand in base64, by what stands before them; without what depends on neighbours. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before, 0x78), bytes])
      .toString('base64')
      .replace(/=/g, '');
    return whole.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
  });
}

/** A text in every form that it is searched in, by the name of the form. */
export function encodingsOf(secret: string): Record<string, string> {
  const bytes = Buffer.from(secret, 'utf8');
  const [first = '', second = '', third = ''] = base64Of(bytes);
  const url = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');
  const percent = encodeURIComponent(secret);
  return {
    plain: secret,
    percent,
    'percent twice': encodeURIComponent(percent),
    'percent in lower case': lowerEscapes(percent),
    'percent twice in lower case': lowerEscapes(encodeURIComponent(lowerEscapes(percent))),
    form: form(secret),
    'form twice': form(form(secret)),
    json: json(secret),
    'json twice': json(json(secret)),
    'json in ascii': ascii(secret),
    'json in ascii twice': json(ascii(secret)),
    base64: first,
    'base64, one byte on': second,
    'base64, two bytes on': third,
    base64url: url(first),
    'base64url, one byte on': url(second),
    'base64url, two bytes on': url(third),
    hex: hexOf(bytes),
    'hex in upper case': hexOf(bytes).toUpperCase(),
  };
}

export interface Planted {
  readonly name: string;
  readonly secret: string;
}

export interface Leak {
  readonly secret: string;
  readonly encoding: string;
  readonly where: string;
  /** What stands around it. */
  readonly context: string;
}

const pieceOf = (encoding: string) => (encoding.startsWith('hex') ? most * 2 + 1 : most + 1);

/** Finds more than eight characters of any secret, in any encoding, in one pass over a text for each length of a piece. */
export class Search {
  bytes = 0;
  texts = 0;
  secrets = 0;
  spellings = 0;
  readonly #known = new Set<string>();
  readonly #byLength = new Map<number, Map<string, { readonly secret: string; readonly encoding: string }>>();
  readonly #filters = new Map<number, Uint8Array>();

  add({ name, secret }: Planted): void {
    if (this.#known.has(secret)) return;
    this.#known.add(secret);
    this.secrets += 1;
    for (const [encoding, text] of Object.entries(encodingsOf(secret))) {
      this.spellings += 1;
      const length = pieceOf(encoding);
      const pieces = this.#byLength.get(length) ?? new Map();
      const filter = this.#filters.get(length) ?? new Uint8Array(1 << 20);
      this.#byLength.set(length, pieces);
      this.#filters.set(length, filter);
      for (let at = 0; at + length <= text.length; at += 1) {
        const piece = text.slice(at, at + length);
        // Escapes alone tell nothing, and whatever is quoted often enough has as many.
        if (pieces.has(piece) || /^[\\" ]*$/.test(piece)) continue;
        pieces.set(piece, { secret: name, encoding });
        filter[slotOf(piece, 0)] = 1;
      }
    }
  }

  /** Every secret of which something is there, once for each encoding. */
  leaks(where: string, text: string): Leak[] {
    this.bytes += Buffer.byteLength(text);
    this.texts += 1;
    const found = new Map<string, Leak>();
    for (const [length, pieces] of this.#byLength) {
      const filter = this.#filters.get(length);
      for (let at = 0; at + length <= text.length; at += 1) {
        if (filter?.[slotOf(text, at)] !== 1) continue;
        const hit = pieces.get(text.slice(at, at + length));
        if (hit === undefined) continue;
        const context = text.slice(Math.max(0, at - 120), at + 60);
        const key = `${hit.secret} ${hit.encoding}`;
        if (!found.has(key)) found.set(key, { ...hit, where, context });
      }
    }
    return [...found.values()];
  }
}

/** By the first nine characters; all pieces are at least as long. */
function slotOf(text: string, at: number): number {
  let mixed = 0;
  for (let next = at; next <= at + most; next += 1) mixed = (Math.imul(mixed, 31) + text.charCodeAt(next)) | 0;
  return (mixed ^ (mixed >>> 13)) & ((1 << 20) - 1);
}
