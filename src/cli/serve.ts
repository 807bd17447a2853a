import { writeSync } from 'node:fs';
import { parseEnv } from '../config/env.js';
import { systemClock } from '../pve/clock.js';
import { type Conversation, converse } from '../server/mcp-server.js';
import { type Environment, readOwnEnvironment, withToolFaults } from './environment.js';
import type { Flags } from './flags.js';
import { allOffers } from './offers.js';
import { Session } from './session.js';

const toolVariables = ['PROXMOX_TOOLSETS', 'PROXMOX_TOOLS', 'PROXMOX_EXCLUDE_TOOLS'];
/** How long open connections may take to close at the end, in milliseconds. */
const closeWithin = 300;
/** How long calls may take to end when they are cancelled, and to be written down. */
const endWithin = 3000;

/** The MCP server on stdin and stdout, until the client goes or a signal comes. */
export async function serve(flags: Flags): Promise<number> {
  const read = flags.demo ? await demoEnvironment() : () => readOwnEnvironment(flags['env-file'], allOffers);
  const session = new Session(await read(), read);
  sayUncaught(session);
  const conversation = await converse(session.service, process.stdin, process.stdout);
  session.toolsChanged = () => conversation.toolsChanged();
  if (process.stdin.isTTY)
    process.stderr.write('proxmox-mcp waits for an MCP client on stdin. To look around first: proxmox-mcp demo\n');
  const reason = await Promise.race([conversation.ended, signalled(session)]);
  session.log.info({ reason }, 'stopping');
  await stop(session, conversation);
  return 0;
}

/** What nobody caught ends the process, in words that pass through the same hands as all others. */
function sayUncaught({ service }: Session): void {
  process.on('uncaughtException', (error) => {
    writeSync(process.stderr.fd, `${service.redact(`proxmox-mcp: ${error.stack ?? error.message}`)}\n`);
    process.exit(1);
  });
}

/** Which signal ended it. SIGHUP does not, as it is the one to read the configuration again. */
function signalled(session: Session): Promise<string> {
  return new Promise((resolve) => {
    // From a terminal that is closed, and on Windows, it says that all is over.
    const isEnd = process.platform === 'win32' || process.stdin.isTTY === true;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    process.on('SIGHUP', () => {
      if (isEnd) return resolve('SIGHUP');
      session.reload().catch((err: unknown) => session.log.error({ err }, 'the configuration could not be read again'));
    });
  });
}

async function stop(session: Session, conversation: Conversation): Promise<void> {
  await conversation.stop();
  await session.openLog();
  await Promise.race([session.settled(), systemClock.sleep(endWithin)]);
  await Promise.race([session.close(), systemClock.sleep(closeWithin)]);
}

/** Starts the simulated clusters; what they are reached with is always the same. */
async function demoEnvironment(): Promise<() => Promise<Environment>> {
  const { startSimulator } = await import('../simulator/listen.js');
  const simulator = await startSimulator();
  const taken = ['PROXMOX_LOG_LEVEL', 'PROXMOX_READ_ONLY', 'PROXMOX_CONFIRM', ...toolVariables].map((name) => [
    name,
    process.env[name],
  ]);
  const env = { ...simulator.env(), ...Object.fromEntries(taken) };
  return async () => ({
    parsed: withToolFaults(parseEnv(env), allOffers),
    env,
    file: undefined,
    searched: [],
    simulated: true,
  });
}
