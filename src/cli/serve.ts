import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { parseEnv } from '../config/env.js';
import { systemClock } from '../pve/clock.js';
import { instructions } from '../server/instructions.js';
import { converse, type Service } from '../server/mcp-server.js';
import type { Runtime } from '../server/runtime.js';
import { chooseTools, whyUnknown } from '../server/tool-choice.js';
import type { PublishedTool } from '../server/tool-list.js';
import { DeferredLog } from './deferred-log.js';
import { type Environment, readOwnEnvironment, withToolFaults } from './environment.js';
import type { Flags } from './main.js';
import { offersOnce } from './offers.js';
import { redactorFor } from './secrets.js';

/** Milliseconds after `initialized` before the log is opened and all clusters are checked: a client asks for its first list at once. */
const checkAfter = 1500;
type Offers = ReturnType<typeof offersOnce>;
const toolVariables = ['PROXMOX_TOOLSETS', 'PROXMOX_TOOLS', 'PROXMOX_EXCLUDE_TOOLS'];
const simulatedNotice = 'These clusters are simulated (--demo): nothing here is real.\n';
/** How long open connections may take to close at the end, in milliseconds. */
const closeWithin = 300;

/** The MCP server on stdin and stdout, until the client goes or a signal comes. */
export async function serve(flags: Flags): Promise<number> {
  const offers = offersOnce();
  const environment = flags.demo ? await demoEnvironment(offers) : await readOwnEnvironment(flags['env-file'], offers);
  const session = new Session(environment, offers);
  const conversation = await converse(session.service, process.stdin, process.stdout);
  if (process.stdin.isTTY)
    process.stderr.write('proxmox-mcp waits for an MCP client on stdin. To look around first: proxmox-mcp demo\n');
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
  });
  const reason = await Promise.race([conversation.ended, signalled]);
  session.log.info({ reason }, 'stopping');
  await conversation.stop();
  await session.openLog();
  await Promise.race([session.close(), systemClock.sleep(closeWithin)]);
  return 0;
}

async function demoEnvironment(offers: Offers): Promise<Environment> {
  const { startSimulator } = await import('../simulator/listen.js');
  const simulator = await startSimulator();
  const taken = ['PROXMOX_LOG_LEVEL', 'PROXMOX_READ_ONLY', ...toolVariables].map((name) => [name, process.env[name]]);
  const env = { ...simulator.env(), ...Object.fromEntries(taken) };
  return { parsed: withToolFaults(parseEnv(env), offers), env, file: undefined, searched: [], simulated: true };
}

/** What one run of the server holds; the heavy part is loaded after `initialize` was answered. */
class Session {
  readonly log = new DeferredLog(systemClock);
  readonly service: Service;
  readonly #environment: Environment;
  readonly #offers: Offers;
  readonly #hide: (secret: string) => void;
  #runtime: Promise<Runtime> | undefined;
  #logOpened: Promise<void> | undefined;
  #tools: readonly PublishedTool[] | undefined;

  constructor(environment: Environment, offers: Offers) {
    this.#environment = environment;
    this.#offers = offers;
    const { parsed, env } = environment;
    const redact = redactorFor(env, parsed.ok ? parsed.config : undefined);
    this.#hide = redact.hide;
    this.service = {
      version: PROXMOX_MCP_VERSION,
      instructions: parsed.ok
        ? `${environment.simulated ? simulatedNotice : ''}${instructions(parsed.config)}`
        : 'The configuration is not right: every call says why.',
      tools: () => this.#toolList(parsed.ok ? parsed.config : undefined),
      whyUnknown: (tool) => this.#whyUnknown(tool),
      call: (tool, args, options) => this.#call(tool, args, options),
      redact,
      initialized: () => {
        this.#settle().catch((err: unknown) => this.log.error({ err }, 'the work after the start failed'));
      },
      warn: this.log.warn,
    };
  }

  /** Writes the lines that were kept, and from now on each as it comes. */
  openLog(): Promise<void> {
    const { log } = this.#environment.parsed;
    this.#logOpened ??= import('./open-log.js').then(({ openLog }) =>
      this.log.attach(openLog(log, systemClock, this.service.redact)),
    );
    return this.#logOpened;
  }

  async close(): Promise<void> {
    await (await this.#runtime)?.registry.close();
  }

  #toolList(config: ClusterRegistryConfig | undefined): readonly PublishedTool[] {
    this.#tools ??= chooseTools(this.#offers(config), config?.tools, config?.readOnly).offers.map(({ tool }) => tool);
    return this.#tools;
  }

  #whyUnknown(name: string): string | undefined {
    const { parsed } = this.#environment;
    if (!parsed.ok) return undefined;
    return whyUnknown(name, this.#offers(parsed.config), parsed.config);
  }

  async #call(...[tool, args, options]: Parameters<Service['call']>) {
    const { parsed, searched } = this.#environment;
    if (!parsed.ok) return (await import('../server/unconfigured.js')).unconfigured(parsed.faults, searched);
    return (await this.#loadRuntime(parsed.config)).call(tool, args, options);
  }

  #loadRuntime(config: ClusterRegistryConfig): Promise<Runtime> {
    this.#runtime ??= import('../server/runtime.js').then(
      ({ Runtime }) => new Runtime(config, systemClock, this.log, this.#hide),
    );
    return this.#runtime;
  }

  /** What is done once the client is served: the log, the warnings, the check of every cluster. */
  async #settle(): Promise<void> {
    await systemClock.sleep(checkAfter);
    await this.openLog();
    const { parsed, file } = this.#environment;
    for (const { variable, message } of parsed.warnings) this.log.warn({ variable }, message);
    if (!parsed.ok) {
      for (const { variable, message } of parsed.faults) this.log.error({ variable }, message);
      return;
    }
    this.log.info({ clusters: parsed.config.clusters.map(({ name }) => name), file }, 'ready');
    if (parsed.config.validateOnStart) await (await this.#loadRuntime(parsed.config)).registry.validateAllClusters();
  }
}
