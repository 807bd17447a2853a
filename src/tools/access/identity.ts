import { z } from 'zod';
import { splitList } from '../../pve/storage.js';

// The formats of pve-access-control (AccessControl.pm): verify_username, verify_tokenid, verify_groupname, verify_rolename.
const userForm = /^[^\s:/!]+@[A-Za-z][\w.-]+$/;
const tokenForm = /^[^\s:/!]+@[A-Za-z][\w.-]+![A-Za-z][\w.-]+$/;
const plainForm = /^[\w.-]+$/;

export const userid = z
  .string()
  .max(64)
  .refine(
    (text) => userForm.test(text),
    'a user reads name@realm; the realm has at least two characters and begins with a letter',
  )
  .describe('user@realm');

export const tokenid = z
  .string()
  .max(128)
  .refine(
    (text) => tokenForm.test(text),
    'a token reads user@realm!name; realm and name have at least two characters and begin with a letter',
  )
  .describe('user@realm!name');

export const userOrToken = z
  .string()
  .max(128)
  .refine((text) => userForm.test(text) || tokenForm.test(text), 'a user reads name@realm, a token user@realm!name');

const listOf = (form: RegExp, words: string) =>
  z
    .string()
    .min(1)
    .max(1024)
    .refine((list) => splitList(list).every((one) => form.test(one)), words);
export const userList = listOf(userForm, 'users as name@realm, separated by commas');
export const tokenList = listOf(tokenForm, 'tokens as user@realm!name, separated by commas');
/** Groups, or roles. */
export const plainList = listOf(plainForm, 'names of letters, digits, . _ and -, separated by commas');

const plainName = z
  .string()
  .max(64)
  .refine((text) => plainForm.test(text), 'letters, digits, . _ and - only');

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
