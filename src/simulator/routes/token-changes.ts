import type { JsonObject } from '../json.js';
import { died, parameterError } from '../pve-error.js';
import { SeededRandom } from '../random.js';
import type { Call } from '../route.js';
import { deletedKeys } from '../sections.js';
import type { TokenState } from '../state.js';
import type { Handler } from './declaration.js';
import { userNamed } from './user-changes.js';

function infoOf({ expire, privsep, comment }: TokenState): JsonObject {
  return { comment, expire, privsep: privsep ? 1 : 0 };
}

function tokenNamed({ cluster, params }: Call): TokenState {
  const user = userNamed(cluster.state, params.text('userid'));
  const tokenid = params.text('tokenid');
  const token = user.tokens.find((entry) => entry.tokenid === tokenid);
  if (token === undefined) throw died(`no such token '${tokenid}' for user '${user.userid}'`);
  return token;
}

function fullIdOf({ params }: Call): string {
  return `${params.text('userid')}!${params.text('tokenid')}`;
}

function newSecret(call: Call): string {
  const { clock, state } = call.cluster;
  return new SeededRandom(`${state.name} ${fullIdOf(call)} ${clock.now()} ${Math.random()}`).uuid();
}

function list({ cluster, params }: Call) {
  const user = userNamed(cluster.state, params.text('userid'));
  return user.tokens.map((token) => ({ tokenid: token.tokenid, ...infoOf(token) }));
}

function create(call: Call) {
  const { cluster, params } = call;
  const user = userNamed(cluster.state, params.text('userid'));
  const tokenid = params.text('tokenid');
  if (user.tokens.some((entry) => entry.tokenid === tokenid)) {
    throw parameterError({ tokenid: 'Token already exists.' });
  }
  const comment = params.optionalText('comment');
  const token: TokenState = {
    tokenid,
    secret: newSecret(call),
    privsep: !params.has('privsep') || params.flag('privsep'),
    expire: params.optionalInteger('expire') ?? 0,
    ...(comment === undefined ? {} : { comment }),
  };
  user.tokens.push(token);
  // the only time that the secret is told
  return { 'full-tokenid': fullIdOf(call), info: infoOf(token), value: token.secret };
}

function update(call: Call) {
  const { params } = call;
  const token = tokenNamed(call);
  const gone = deletedKeys(call);
  const comment = params.optionalText('comment');
  if (comment !== undefined) token.comment = comment;
  if (gone.includes('comment')) delete token.comment;
  token.expire = gone.includes('expire') ? 0 : (params.optionalInteger('expire') ?? token.expire);
  if (params.has('privsep')) token.privsep = params.flag('privsep');
  if (gone.includes('privsep')) token.privsep = true;
  if (!params.flag('regenerate')) return infoOf(token);
  token.secret = newSecret(call);
  return { ...infoOf(token), 'full-tokenid': fullIdOf(call), value: token.secret };
}

function remove(call: Call) {
  const { state } = call.cluster;
  const token = tokenNamed(call);
  const user = userNamed(state, call.params.text('userid'));
  user.tokens = user.tokens.filter((entry) => entry !== token);
  state.acl = state.acl.filter((entry) => entry.type !== 'token' || entry.ugid !== fullIdOf(call));
  return null;
}

const path = '/access/users/{userid}/token';

export const tokenHandlers: Readonly<Record<string, Handler>> = {
  [`GET ${path}`]: list,
  [`GET ${path}/{tokenid}`]: (call) => infoOf(tokenNamed(call)),
  [`POST ${path}/{tokenid}`]: create,
  [`PUT ${path}/{tokenid}`]: update,
  [`DELETE ${path}/{tokenid}`]: remove,
};
