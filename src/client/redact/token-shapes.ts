// What Proxmox hands out is known by its form: tokens as a header or a pasted line carries them, tickets, and private
// keys, with their end cut off too. No class takes a backslash alone: what leaves is mostly JSON, and half an escape
// would break it.
const at = '(?:@|%40)';
const bang = '(?:!|%21)';
const is = '(?:[=:]|%3[AaDd])';
const colon = '(?::|%3[Aa])';
const keyName = '(?:[A-Z]+ )*PRIVATE KEY-----';

/** `marks`: one of them is there where the form is. */
const shapes: readonly { readonly marks: readonly string[]; readonly form: RegExp }[] = [
  { marks: ['oken', 'OKEN'], form: /P[VBDM][ESMG]APIToken(?:[= ]|%3D|%20)[^\s"'\\,;]+/gi },
  {
    marks: ['!', '%21'],
    form: new RegExp(`${at}[A-Za-z][\\w.-]{0,63}${bang}[\\w.-]{1,128}${is}[0-9a-f]{8}[0-9a-f-]{0,28}`, 'gi'),
  },
  {
    marks: ['::', '%3A%3A', '%3a%3a', '%3A%3a', '%3a%3A'],
    form: new RegExp(
      `(?:PVE[A-Z]{0,12}|PBS|PMG)(?:${colon}[^\\s"'\\\\]{1,200}?)?${colon}[0-9A-F]{8}${colon}${colon}[A-Za-z0-9%+/=]*`,
      'g',
    ),
  },
  { marks: ['AuthCookie'], form: /P[VBM][ESG]AuthCookie(?:=|%3D)[^\s"'\\;]+/g },
  { marks: ['CSRFPreventionToken'], form: /(?<=CSRFPreventionToken[\s"'\\]{0,8}[:=][\s"'\\]{0,8})[\w+/=:%-]{8,}/g },
  { marks: ['otpauth:'], form: /otpauth:[^\s"'\\]+/g },
  {
    marks: ['PRIVATE KEY-----'],
    form: new RegExp(
      `-----BEGIN ${keyName}(?:[A-Za-z0-9+/=:, #\\n\\r-]|\\\\+[nr])*?(?:-----END ${keyName}|(?=[^A-Za-z0-9+/=:, #\\n\\r\\\\-])|(?=\\\\+[^nr\\\\])|$)`,
      'g',
    ),
  },
];

/** Cuts whatever has the form of a token, a ticket or a private key of Proxmox. */
export const withoutShapes = (text: string, mask: string): string =>
  shapes.reduce(
    (cut, { marks, form }) => (marks.some((mark) => cut.includes(mark)) ? cut.replace(form, mask) : cut),
    text,
  );
