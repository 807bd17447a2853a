import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptValue } from '../../../src/config/encrypted-value.js';
import { allClusterSuffixes, globalNames, singleNames } from '../../../src/config/variables.js';
import { startSimulator } from '../../../src/simulator/listen.js';
import { type Leak, Search } from './needles.js';
import { Plants, seedsOf } from './planted.js';
import { type Behaviour, startProxy } from './proxy.js';
import { Tamperer } from './tampering.js';

export interface CommandFigures {
  commands: number;
  bytes: number;
  secrets: number;
  spellings: number;
}

interface Run {
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly input?: string;
}

/** The commands in a terminal, and what is wrong with settings, with secrets wherever they can stand. */
export async function tellCommands(server: string, seed: number) {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-planted-'));
  const plants = new Plants(seed);
  const search = new Search();
  const leaks: Leak[] = [];
  const endings = new Map<string, number | null>();
  let commands = 0;
  const run = async (name: string, given: Run) => {
    const { code, text } = await runIt(server, given);
    commands += 1;
    endings.set(name, code);
    for (const planted of plants.all) search.add(planted);
    leaks.push(...search.leaks(name, text));
    return text;
  };
  await againstClusters(run, plants, folder);
  await withKeys(run, plants, folder);
  await withFaults(run, plants);
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true }))
    leaks.push(...search.leaks('the names of files', file.name));
  const log = join(folder, 'log');
  leaks.push(...search.leaks('log', readFileSync(log, 'utf8')));
  rmSync(folder, { recursive: true, force: true });
  const { bytes, secrets, spellings } = search;
  const figures: CommandFigures = { commands, bytes, secrets, spellings };
  return { leaks, figures, endings };
}

type RunOne = (name: string, given: Run) => Promise<string>;

const behaviours: readonly Behaviour[] = [
  { kind: 'faithful' },
  { kind: 'faithful' },
  ...[400, 401, 403, 500, 501].map((status) => ({ kind: 'echo', status, only: 'all' }) as const),
  ...(['html', 'half', 'shape', 'cut off'] as const).map((form) => ({ kind: 'broken', form }) as const),
];

async function againstClusters(run: RunOne, plants: Plants, folder: string): Promise<void> {
  const simulator = await startSimulator({ world: 'single' });
  const [cluster] = simulator.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  const seeds = seedsOf(plants);
  const key = plants.keep('the key', `${plants.awkward()} ${plants.word(9)}`);
  const secret = plants.keep('the secret', cluster.tokenSecret);
  const hidden = [key, secret];
  const proxy = await startProxy(cluster.url, () => [...hidden, ...seeds.shapes].join(' '));
  const env = {
    PROXMOX_API_URL: proxy.url,
    PROXMOX_TOKEN_ID: cluster.tokenId,
    PROXMOX_TOKEN_SECRET: encryptValue(secret, key),
    PROXMOX_SECRET_KEY: key,
    PROXMOX_LOG_LEVEL: 'trace',
    PROXMOX_LOG_FILE: join(folder, 'log'),
  };
  for (const [at, behaviour] of behaviours.entries()) {
    const long = at % 2 === 1;
    proxy.tamperWith(new Tamperer({ fields: seeds.fields, hidden: () => hidden, shapes: seeds.shapes, long }));
    proxy.behave(behaviour);
    const what = JSON.stringify(behaviour);
    const told = await run(`doctor ${what}`, { args: ['doctor'], env });
    await run(`doctor --json ${what}`, { args: ['doctor', '--json'], env });
    await run(`call ${what}`, { args: ['call', 'list-vms'], env });
    if (behaviour.kind === 'echo' && !told.includes('[redacted]')) throw new Error(`nothing came back: ${told}`);
  }
  const password = plants.keep('a password in arguments', plants.awkward());
  proxy.behave({ kind: 'echo', status: 400, only: 'writes' });
  const args = JSON.stringify({ vmid: 100, cipassword: password, add_drive: 'local-lvm' });
  await run('call with a password', { args: ['call', 'cloudinit-set', args], env });
  await run('call of a secret', { args: ['call', secret], env });
  await run('a secret as a command', { args: [secret], env });
  await run('call with a secret that is no JSON', { args: ['call', 'list-vms', secret], env });
  await run('tools', { args: ['tools'], env });
  await run('tools --json', { args: ['tools', '--json'], env });
  await crash(run, env);
  await proxy.close();
  await simulator.close();
}

/** An error that nobody catches, of the words of others. */
async function crash(run: RunOne, env: Record<string, string>): Promise<void> {
  const thrown = 'setTimeout(()=>{throw new Error(process.env.PROXMOX_SECRET_KEY)},4000)';
  const rejected = 'setTimeout(()=>Promise.reject(new TypeError(process.env.PROXMOX_SECRET_KEY)),4000)';
  for (const [kind, code] of [
    ['thrown', thrown],
    ['rejected', rejected],
  ] as const)
    for (const args of [[], ['encrypt']]) {
      const options = `--import=data:text/javascript,${encodeURIComponent(code)}`;
      const name = `${args[0] ?? 'the server'} with an error that is ${kind}`;
      // `encrypt` waits for its input, the server for its client.
      const said = await run(name, {
        args,
        env: { ...env, NODE_OPTIONS: options },
        input: 'open',
      });
      if (!said.includes('[redacted]')) throw new Error(`${name} said nothing: ${said}`);
    }
}

async function withKeys(run: RunOne, plants: Plants, folder: string): Promise<void> {
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const key = plants.keep('a key', plants.awkward());
  const other = plants.keep('another key', plants.awkward());
  const secret = plants.keep('what is encrypted', plants.uuid());
  const keyFile = put('key', key);
  const otherFile = put('other', other);
  const settings = (value: string) =>
    put('settings', `PROXMOX_API_URL=https://192.0.2.1\nPROXMOX_TOKEN_ID=a@pve!bb\nPROXMOX_TOKEN_SECRET=${value}\n`);
  const encrypted = encryptValue(secret, key);
  const env = { PROXMOX_SECRET_KEY_FILE: keyFile };
  for (const input of [
    secret,
    `${secret} ${other}`,
    `a@pve!bb=${secret}`,
    `PVEAPIToken=a@pve!bb=${secret}`,
    encrypted,
    '',
  ])
    await run(`encrypt of ${input.length} characters`, { args: ['encrypt'], env, input });
  await run('encrypt with a secret as its operand', { args: ['encrypt', secret], env });
  await run('encrypt with a key as a file', { args: ['encrypt', '--key-file', key], env, input: secret });
  await run('encrypt with a short key', {
    args: ['encrypt'],
    env: { PROXMOX_SECRET_KEY: key.slice(0, 12) },
    input: secret,
  });
  const rotations = [
    { name: 'a wrong key', from: otherFile, value: encrypted },
    { name: 'the key in place of its file', from: key, value: encrypted },
    { name: 'what was cut off', from: keyFile, value: encrypted.slice(0, -9) },
    { name: 'what is plain', from: keyFile, value: secret },
    { name: 'the right key', from: keyFile, value: encrypted },
  ];
  for (const { name, from, value } of rotations) {
    const args = ['rotate-key', '--env-file', settings(value), '--new-key-file', otherFile];
    await run(`rotate-key with ${name}`, { args, env: { PROXMOX_SECRET_KEY_FILE: from } });
  }
  await run('rotate-key with a key as its file', {
    args: ['rotate-key', '--env-file', keyFile, '--new-key-file', other],
    env,
  });
  await run('doctor with a secret as its file', { args: ['doctor', '--env-file', keyFile], env });
}

/** A secret in every variable, as people paste it. */
async function withFaults(run: RunOne, plants: Plants): Promise<void> {
  const secret = plants.keep('a secret in the wrong place', plants.uuid());
  const odd = plants.keep('an awkward one in the wrong place', plants.awkward());
  const variables = [
    ...singleNames,
    ...globalNames.filter((name) => name !== 'PROXMOX_CLUSTERS' && name !== 'PROXMOX_ENV_FILE'),
  ];
  const around = [
    (text: string) => text,
    (text: string) => `https://u:${text}@h`,
    (text: string) => `a@pve!bb=${text}`,
  ];
  const single = { PROXMOX_API_URL: 'https://192.0.2.1', PROXMOX_TOKEN_ID: 'a@pve!bb' };
  const many = (name: string) => ({
    PROXMOX_CLUSTERS: 'one',
    PROXMOX_CLUSTER_one_API_URL: 'https://192.0.2.1',
    PROXMOX_CLUSTER_one_TOKEN_ID: 'a@pve!bb',
    PROXMOX_CLUSTER_one_TOKEN_SECRET: secret,
    [name]: secret,
  });
  const runs = [
    ...variables.flatMap((name, at) => {
      const wrapped = around[at % around.length]?.(at % 2 === 0 ? secret : odd) ?? secret;
      return [[name, { ...single, PROXMOX_TOKEN_SECRET: at % 2 === 0 ? secret : odd, [name]: wrapped }] as const];
    }),
    ...allClusterSuffixes.map((suffix) => [suffix, many(`PROXMOX_CLUSTER_one_${suffix}`)] as const),
  ];
  const call = (env: Record<string, string>, name: string) =>
    run(`a call with a secret in ${name}`, { args: [], env, input: listed });
  const one = ([name, env]: (typeof runs)[number], at: number) => {
    if (at % 3 === 0) return call(env, name);
    if (at % 3 === 1) return run(`doctor --json with a secret in ${name}`, { args: ['doctor', '--json'], env });
    return run(`call with a secret in ${name}`, { args: ['call', 'list-all-clusters'], env });
  };
  for (let at = 0; at < runs.length; at += atOnce)
    await Promise.all(runs.slice(at, at + atOnce).map((given, index) => one(given, at + index)));
}

/** Most of a command is waiting. */
const atOnce = 6;

const listed = [
  {
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '0' } },
  },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/call', params: { name: 'proxmox-list-all-clusters', arguments: {} } },
  { id: 3, method: 'tools/call', params: { name: 'proxmox-reload-configuration', arguments: {} } },
]
  .map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  .join('');

/** The built command; where it is given `open`, its input stays open. */
function runIt(
  server: string,
  { args, env, input }: Run,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, [server, ...args], {
    cwd: '/',
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  child.stdin.on('error', () => {});
  if (input === listed) {
    child.stdin.write(input);
    // What is wrong is logged a while after the start.
    setTimeout(() => child.stdin.end(), 2500);
  } else if (input !== 'open') child.stdin.end(input ?? '');
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}
