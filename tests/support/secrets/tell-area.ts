import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptValue } from '../../../src/config/encrypted-value.js';
import type { Simulator } from '../../../src/simulator/listen.js';
import { type Area, beginArea, callsOf, effectOf, remember } from '../examples.js';
import { type Leak, Search } from './needles.js';
import { Plants, seedsOf } from './planted.js';
import { plantArguments } from './planted-arguments.js';
import { type Behaviour, startProxy, type TamperingProxy } from './proxy.js';
import { type Message, RecordedServer } from './recorded-server.js';
import { Tamperer } from './tampering.js';

export interface Figures {
  calls: number;
  answers: number;
  errors: number;
  notifications: number;
  /** Answers of clusters that had secrets in them. */
  tampered: number;
  bytes: number;
  texts: number;
  secrets: number;
  spellings: number;
}

export interface Told {
  readonly leaks: readonly Leak[];
  readonly figures: Figures;
  /** Calls without any fault that failed all the same: their answers were not searched as what they are. */
  readonly failed: readonly string[];
}

/** Where everything is, and what is known of it. */
interface Stage {
  readonly server: RecordedServer;
  readonly simulator: Simulator;
  readonly proxies: readonly TamperingProxy[];
  readonly tamperers: Readonly<Record<'calm' | 'long', Tamperer>>;
  readonly search: Search;
  readonly plants: Plants;
  /** What is to be cut out in whatever form. */
  readonly configured: readonly string[];
  readonly settle: () => void;
  readonly leaks: Map<string, Leak>;
  readonly figures: Figures;
  readonly folder: string;
}

export interface AreaPlan {
  readonly server: string;
  readonly name: string;
  readonly area: Area;
  readonly seed: number;
  /** How many of the things that can be in the way of a call are; the next ones with the next call. */
  readonly obstacles: number;
}

/** Tells a story of calls with secrets wherever they can stand, and searches all that the server gives away meanwhile. */
export async function tellArea(plan: AreaPlan): Promise<Told> {
  const stage = await openStage(plan);
  const failed: string[] = [];
  try {
    await stage.server.initialize();
    let last: Record<string, any> | undefined;
    let turn = 0;
    for (const { tool, args, follows } of callsOf(plan.area, () => last)) {
      if (!follows) stage.settle();
      turn += 1;
      const given = plantArguments(tool, args, stage.plants);
      await callBadly(stage, tool, given, turn, plan.obstacles);
      const long = await callOnce(stage, tool, given, { tamperer: turn % 2 === 0 ? 'long' : 'calm' });
      last = long.result?.isError === true ? undefined : dataOf(long);
      if (last === undefined) {
        failed.push(`${tool}: ${JSON.stringify(long).slice(0, 600)}`);
        // What stood in the way was the secrets: the story goes on without them.
        const plain = await callOnce(stage, tool, given, {});
        last = plain.result?.isError === true ? undefined : dataOf(plain);
      }
      take(stage, tool);
    }
    await reload(stage);
  } finally {
    await close(stage);
  }
  const { search, leaks, figures } = stage;
  const { bytes, texts, secrets, spellings } = search;
  const tampered = stage.proxies.reduce((sum, proxy) => sum + proxy.answers(), 0);
  return { leaks: [...leaks.values()], figures: { ...figures, tampered, bytes, texts, secrets, spellings }, failed };
}

const dataOf = ({ result }: Message): Record<string, any> | undefined => result?.structuredContent;

async function openStage({ server: file, name, area, seed }: AreaPlan): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-planted-'));
  const { simulator, env, settle } = await beginArea(area, 60);
  const plants = new Plants(seed);
  const seeds = seedsOf(plants);
  const configured: string[] = [];
  const keep = (what: string, secret: string) => {
    configured.push(secret);
    return plants.keep(what, secret);
  };
  const search = new Search();
  const proxies = await Promise.all(
    simulator.clusters.map((cluster) => startProxy(cluster.url, () => [...configured, ...seeds.shapes].join(' '))),
  );
  const server = new RecordedServer(file, {
    ...env,
    ...secretSettings(simulator, keep, plants, folder),
    ...Object.fromEntries(
      simulator.clusters.map((cluster, at) => [`${keyOf(cluster.name)}_API_URL`, proxies[at]?.url ?? '']),
    ),
    ...Object.fromEntries(simulator.clusters.map((cluster) => [`${keyOf(cluster.name)}_FINGERPRINT`, ''])),
    PROXMOX_SECRET_DIR: join(folder, 'made'),
    PROXMOX_LOG_LEVEL: 'trace',
    ...(name.length % 2 === 0 ? {} : { PROXMOX_LOG_FILE: join(folder, 'searched', 'log') }),
    PROXMOX_AUDIT_FILE: join(folder, 'searched', 'audit'),
    PROXMOX_AUDIT_READS: 'true',
  });
  const tampering = { fields: seeds.fields, hidden: () => configured, shapes: seeds.shapes };
  for (const [at, cluster] of simulator.clusters.entries()) {
    const proxy = proxies[at];
    if (proxy === undefined) continue;
    cluster.alsoAt(proxy.url);
    proxy.onMade = (secret) => {
      keep('the secret of a new token', secret);
    };
  }
  const figures = {
    calls: 0,
    answers: 0,
    errors: 0,
    notifications: 0,
    tampered: 0,
    bytes: 0,
    texts: 0,
    secrets: 0,
    spellings: 0,
  };
  const tamperers = {
    calm: new Tamperer({ ...tampering, long: false }),
    long: new Tamperer({ ...tampering, long: true }),
  };
  return {
    server,
    simulator,
    proxies,
    tamperers,
    search,
    plants,
    configured,
    settle,
    leaks: new Map(),
    figures,
    folder,
  };
}

const keyOf = (cluster: string) => `PROXMOX_CLUSTER_${cluster.replaceAll('-', '_')}`;

/** One as it is, one encrypted, one encrypted in a file; one of them with characters that each encoding writes otherwise. */
function secretSettings(
  simulator: Simulator,
  keep: (what: string, secret: string) => string,
  plants: Plants,
  folder: string,
): Record<string, string> {
  const key = keep('the key', `${plants.awkward()} ${plants.word(9)} %2f é\u20ac`);
  mkdirSync(join(folder, 'searched'));
  const settings: Record<string, string> = { PROXMOX_SECRET_KEY: key };
  const odd = `${plants.word(9)}"&+/\\;'?${plants.word(24)}`;
  for (const [at, cluster] of simulator.clusters.entries()) {
    const { tokenId } = cluster;
    const variable = `${keyOf(cluster.name)}_TOKEN_SECRET`;
    if (at === 1) {
      const [user = '', tokenid = ''] = tokenId.split('!');
      const token = cluster.state.users
        .find(({ userid }) => userid === user)
        ?.tokens.find((one) => one.tokenid === tokenid);
      if (token !== undefined) token.secret = odd;
    }
    const secret = keep(`the secret of ${cluster.name}`, at === 1 ? odd : cluster.tokenSecret);
    if (at === 0) settings[variable] = secret;
    else if (at === 1) settings[variable] = keep('what is encrypted', encryptValue(secret, key));
    else {
      const file = join(folder, `secret-of-${at}`);
      writeFileSync(file, plants.keep('what is encrypted', encryptValue(secret, key)), { mode: 0o600 });
      settings[variable] = '';
      settings[`${variable}_FILE`] = file;
    }
  }
  return settings;
}

const statuses = [400, 500, 401, 403, 501];

/** All that can be in the way of a call, each time in words that repeat secrets. */
function* obstacles(
  stage: Stage,
  tool: string,
  args: Record<string, unknown>,
  turn: number,
): Generator<() => Promise<unknown>> {
  const status = statuses[turn % statuses.length] ?? 500;
  const form = (['html', 'half', 'shape'] as const)[turn % 3] ?? 'html';
  const call = (how: How, given = args) => callOnce(stage, tool, given, how);
  const effect = effectOf(tool);
  const { confirm: _, ...unsure } = args;
  yield () => call({ behaviour: { kind: 'echo', status, only: 'all' } });
  if (effect !== 'read') {
    yield () => call({ behaviour: { kind: 'echo', status, only: 'writes' } });
    yield () => call({ tamperer: 'calm' }, { ...unsure, dry_run: true });
    if (effect === 'destroy') yield () => call({ tamperer: 'long' }, unsure);
    yield () => call({ behaviour: { kind: 'echo', status: 500, only: 'writes', skip: 1 } });
    yield () => call({ exitstatus: stage.tamperers.calm.text(), tamperer: 'calm' });
  } else yield () => call({ tamperer: turn % 2 === 0 ? 'calm' : 'long' });
  yield () => call({ behaviour: { kind: 'broken', form } });
  yield async () => {
    await call(
      { behaviour: { kind: 'broken', form: 'cut off' } },
      effect === 'read' ? args : { ...unsure, dry_run: true },
    );
    // Else the cluster would be left alone for a while.
    await callOnce(stage, 'proxmox-cluster-health', { cluster: 'all' }, {});
  };
  yield () => call({ cancel: true, tamperer: 'calm' }, effect === 'read' ? args : { ...unsure, dry_run: true });
  const secret = stage.configured[turn % stage.configured.length] ?? '';
  yield () => callOnce(stage, `${'x'.repeat(turn % 70)}${secret}`, {}, {});
}

/** The call with everything in its way, or with so many things by turns; nothing of it stays. */
async function callBadly(
  stage: Stage,
  tool: string,
  args: Record<string, unknown>,
  turn: number,
  most: number,
): Promise<void> {
  const putBack = remember(stage.simulator);
  const all = [...obstacles(stage, tool, args, turn)];
  const begin = most >= all.length ? 0 : turn * most;
  for (let count = 0; count < Math.min(most, all.length); count += 1) {
    await all[(begin + count) % all.length]?.();
    stage.settle();
    putBack();
  }
}

interface How {
  readonly tamperer?: 'calm' | 'long';
  readonly behaviour?: Behaviour;
  /** What the first task ends with that the call starts. */
  readonly exitstatus?: string;
  readonly cancel?: boolean;
}

async function callOnce(stage: Stage, tool: string, args: Record<string, unknown>, how: How): Promise<Message> {
  const { server, proxies, simulator, figures } = stage;
  for (const proxy of proxies) {
    proxy.behave(how.behaviour ?? { kind: 'faithful' });
    proxy.tamperWith(how.tamperer === undefined ? undefined : stage.tamperers[how.tamperer]);
  }
  for (const cluster of simulator.clusters) {
    cluster.setFault(undefined);
    if (how.exitstatus !== undefined)
      cluster.setFault({ kind: 'task', exitstatus: `unable: ${how.exitstatus}`.replaceAll('\n', ' ') }, { times: 1 });
  }
  figures.calls += 1;
  const call = server.call(tool, args);
  if (how.cancel) {
    setTimeout(call.cancel, 5);
    // The protocol gives no answer to what was cancelled.
    await Promise.race([call.answer, new Promise((resolve) => setTimeout(resolve, 100))]);
    return {};
  }
  const answer = await call.answer;
  if (answer.error !== undefined || answer.result?.isError === true) figures.errors += 1;
  return answer;
}

/** Searches what has left since the last time. */
function take(stage: Stage, tool: string): void {
  for (const planted of stage.plants.all) stage.search.add(planted);
  const { stdout, stderr } = stage.server.taken();
  for (const [where, text] of [
    [`${tool}: stdout`, stdout],
    [`${tool}: stderr`, stderr],
  ] as const)
    found(stage, stage.search.leaks(where, text));
}

function found({ leaks }: Stage, more: readonly Leak[]): void {
  for (const leak of more) {
    const key = `${leak.secret} | ${leak.encoding} | ${leak.where}`;
    if (!leaks.has(key)) leaks.set(key, leak);
  }
}

/** The secret of a cluster is exchanged: that of before is still one. */
async function reload(stage: Stage): Promise<void> {
  const file = join(stage.folder, 'secret-of-2');
  writeFileSync(file, stage.plants.keep('a later secret', stage.plants.uuid()), { mode: 0o600 });
  stage.server.hangUp();
  await callOnce(stage, 'proxmox-reload-configuration', {}, {});
  for (const proxy of stage.proxies) proxy.behave({ kind: 'faithful' });
  await callOnce(
    stage,
    'proxmox-list-nodes',
    { cluster: 'all' },
    { behaviour: { kind: 'echo', status: 500, only: 'all' } },
  );
  await callOnce(stage, 'proxmox-list-nodes', { cluster: 'all' }, { tamperer: 'long' });
}

async function close(stage: Stage): Promise<void> {
  await stage.server.end();
  await Promise.all(stage.proxies.map((proxy) => proxy.close()));
  await stage.simulator.close();
  take(stage, 'the end');
  for (const name of filesUnder(stage.folder)) {
    found(stage, stage.search.leaks('the names of files', name));
    const path = join(stage.folder, name);
    if (name.startsWith('searched/')) found(stage, stage.search.leaks(name, readFileSync(path, 'utf8')));
    else if ((statSync(path).mode & 0o077) !== 0) throw new Error(`others can read ${name}`);
  }
  rmSync(stage.folder, { recursive: true, force: true });
  stage.figures.answers = stage.server.answers;
  stage.figures.notifications = stage.server.notifications;
}

const filesUnder = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
