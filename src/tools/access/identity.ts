import { z } from 'zod';

// The formats of pve-access-control (AccessControl.pm): verify_username, verify_tokenid, verify_groupname, verify_rolename.
export const userid = z
  .string()
  .max(64)
  .refine(
    (text) => /^[^\s:/!]+@[A-Za-z][\w.-]+$/.test(text),
    'a user reads name@realm; the realm has at least two characters and begins with a letter',
  )
  .describe('user@realm');

export const tokenid = z
  .string()
  .max(128)
  .refine(
    (text) => /^[^\s:/!]+@[A-Za-z][\w.-]+![A-Za-z][\w.-]+$/.test(text),
    'a token reads user@realm!name; realm and name have at least two characters and begin with a letter',
  )
  .describe('user@realm!name');

const plainName = z
  .string()
  .max(64)
  .refine((text) => /^[\w.-]+$/.test(text), 'letters, digits, . _ and - only');

export const groupid = plainName.describe('Group');
export const roleid = plainName.describe('Role');

export const comment = z.string().max(2048).optional().describe('Empty: none');

/** `user@realm!name` as its path takes it. */
export function tokenPath(id: string): { userid: string; tokenid: string } {
  const at = id.lastIndexOf('!');
  return { userid: id.slice(0, at), tokenid: id.slice(at + 1) };
}

/** The user that a user or token is, or belongs to. */
export const ownerOf = (id: string) => id.replace(/!.*$/, '');
