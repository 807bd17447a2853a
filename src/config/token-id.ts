import { bad, type Checked, good } from './faults.js';

const shape = 'user@realm!tokenname';
const printable = /^[!-~]+$/;
/** Proxmox allows these characters in the name of a realm and of a token. */
const identifier = /^[A-Za-z][A-Za-z0-9._-]+$/;

/** `user@realm!tokenname`. No message repeats the text: people paste the secret along with it. */
export function parseTokenId(text: string): Checked<string> {
  if (/^PVEAPIToken/i.test(text) || text.includes('=')) {
    return bad(
      `holds a whole token: keep ${shape} here, without 'PVEAPIToken=', and put what stands after the last '=' into TOKEN_SECRET`,
    );
  }
  if (!printable.test(text))
    return bad(`holds a space or a character that is not printable ASCII: write it as ${shape}`);
  const mark = text.lastIndexOf('!');
  if (mark < 0) {
    return bad(
      text.includes('@')
        ? `has no '!' and token name behind the realm: write it as ${shape}`
        : `has neither '@realm' nor '!tokenname': write it as ${shape}`,
    );
  }
  return parseParts(text, text.slice(0, mark), text.slice(mark + 1));
}

function parseParts(text: string, userId: string, tokenName: string): Checked<string> {
  const sign = userId.lastIndexOf('@');
  if (sign < 0) return bad(`has no '@realm' before the '!': write it as ${shape}, such as mcp@pve!proxmox-mcp`);
  if (sign === 0) return bad(`has no user before the '@': write it as ${shape}`);
  if (/[:/]/.test(userId.slice(0, sign))) return bad(`has ':' or '/' in its user: write it as ${shape}`);
  if (!identifier.test(userId.slice(sign + 1))) {
    return bad(`has no valid realm between '@' and '!': write it as ${shape}, with a realm such as pam or pve`);
  }
  if (!identifier.test(tokenName)) {
    return bad(
      `has no valid token name behind the '!': it starts with a letter and has letters, digits, '.', '_' and '-'`,
    );
  }
  return good(text);
}

/** The secret that Proxmox showed when the token was made. No message repeats any of it. */
export function parseTokenSecret(text: string): Checked<string> {
  if (/^PVEAPIToken/i.test(text) || /^[^=]*@[^=]*![^=]*=/.test(text)) {
    return bad(`holds a whole token: keep what stands after the last '=' here, and put ${shape} into TOKEN_ID`);
  }
  if (!printable.test(text))
    return bad('holds a space, a control character or one that is not ASCII: copy the secret again');
  return good(text);
}
