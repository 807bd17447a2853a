import type { Ask } from '../client/question.js';
import { nearest } from '../config/nearest.js';
import { isMeant } from '../config/tool-rule.js';
import { systemClock } from '../pve/clock.js';
import type { ToolAnswer } from '../server/answer.js';
import { Runtime } from '../server/runtime.js';
import { offerTools } from '../server/tool-list.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import { askOnTerminal } from './ask-on-terminal.js';
import { readOwnEnvironment } from './environment.js';
import type { Flags } from './flags.js';
import { openLog } from './open-log.js';
import { redactorFor } from './secrets.js';

/** `proxmox-mcp call TOOL [JSON]`: exit code 0 for an answer, 1 for an error of the tool, 2 for a call that cannot be made. */
export async function call([name, json = '{}']: readonly string[], flags: Flags): Promise<number> {
  const tool = findTool(name);
  const args = parseJson(json);
  const environment = await readOwnEnvironment(flags['env-file'], () => offerTools(true));
  const { parsed, env, searched } = environment;
  const redact = redactorFor(environment);
  if (!parsed.ok) {
    for (const { message } of parsed.faults) process.stderr.write(`${redact(message)}\n`);
    process.stderr.write(`looked for settings in the environment and in ${searched.join(', ')}\n`);
    return 2;
  }
  const excluded = parsed.config.tools?.exclude?.some((written) => isMeant(written, tool));
  if (excluded) throw new Error(`PROXMOX_EXCLUDE_TOOLS names ${tool.name}`);
  const level = env.PROXMOX_LOG_LEVEL ? parsed.log.level : 'warn';
  const runtime = new Runtime(parsed.config, systemClock, openLog({ ...parsed.log, level }, systemClock, redact), {
    hide: redact.hide,
    redact,
    hideSent: redact.hideSent,
  });
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const { stdin: input, stderr: output } = process;
  const put = askOnTerminal({ input, output }, redact);
  let isAsking = false;
  const ask: Ask = (...question) => {
    isAsking = true;
    return put(...question).finally(() => {
      isAsking = false;
    });
  };
  const onProgress = async ({ message }: { readonly message: string }) => {
    if (output.isTTY && !isAsking) output.write(`${redact(message)}\n`);
  };
  const asking = input.isTTY && output.isTTY ? { ask } : {};
  const answer = await runtime.call(tool.name, args, {
    signal: stop.signal,
    onProgress,
    ...asking,
    client: { name: 'call', version: PROXMOX_MCP_VERSION },
  });
  process.stdout.write(`${redact(printed(answer))}\n`);
  await runtime.retire();
  return answer.isError ? 1 : 0;
}

/** Indented JSON; a text that is none, such as one that was cut, as it is. */
export function printed({ structured, text }: Pick<ToolAnswer, 'structured' | 'text'>): string {
  try {
    return JSON.stringify(structured ?? JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function findTool(name: string | undefined): Tool {
  const all: readonly Tool[] = catalogue;
  const names = all.map((tool) => tool.name);
  if (name === undefined) throw new Error("'call' needs the name of a tool; `proxmox-mcp tools` lists them");
  const found = all.find((tool) => tool.name === name || tool.name === `proxmox-${name}`);
  if (found !== undefined) return found;
  const meant = nearest(name, names) ?? nearest(`proxmox-${name}`, names);
  throw new Error(`there is no tool '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`the arguments must be one JSON object, as in '{"cluster":"production"}'`);
  }
}
