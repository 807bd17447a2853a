import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOnTerminal } from '../../src/cli/ask-on-terminal.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { runCommand } from './run-command.js';

const question = { text: 'Cluster: production', tick: 'Stop VM: do it' };

async function answered(typed: string | undefined, redact = (text: string) => text) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const reply = askOnTerminal({ input, output }, redact)(question, new AbortController().signal);
  input.end(typed);
  const given = await reply;
  return { reply: given, shown: String(output.read()) };
}

describe('a question on a terminal', () => {
  it.each(['yes\n', ' YES \n', 'yes\r\n'])('is agreed to by %j', async (typed) => {
    expect((await answered(typed)).reply).toEqual({ action: 'accept', ticked: true });
  });

  it.each(['y\n', 'no\n', '\n', 'yes please\n'])('is declined by %j', async (typed) => {
    expect((await answered(typed)).reply).toMatchObject({ ticked: false });
  });

  it('has no answer where the input ends', async () => {
    expect((await answered(undefined)).reply).toEqual({ action: 'cancel', ticked: false });
  });

  it('says what is asked, without what is hidden', async () => {
    const { shown } = await answered('no\n', (text) => text.replace('production', '[hidden]'));
    expect(shown).toBe('Cluster: [hidden]\n\nStop VM: do it? Only the word yes does it: ');
  });

  it('is withdrawn with the call', async () => {
    const stop = new AbortController();
    const streams = { input: new PassThrough(), output: new PassThrough() };
    const reply = askOnTerminal(streams, (text) => text)(question, stop.signal);
    stop.abort();
    await expect(reply).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('proxmox-mcp call', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());

  it('is refused what a person has to confirm where there is no terminal', async () => {
    const env = { ...simulator.env(), PROXMOX_CONFIRM: 'human' };
    const args = '{"cluster":"production","vmid":101,"confirm":true}';
    const { code, stdout } = await runCommand(['call', 'proxmox-stop-vm', args], env);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'CANNOT_ASK' });
    const writes = simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'));
    expect(writes).toEqual([]);
  });
});
