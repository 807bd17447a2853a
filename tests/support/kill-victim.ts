import { RawServer } from './raw-server.js';

/** The server, which is started again after each kill. */
export class Victim {
  readonly #env: Record<string, string>;
  #server: RawServer | undefined;
  #calls = 0;

  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  async #alive(): Promise<RawServer> {
    if (this.#server !== undefined) return this.#server;
    this.#server = new RawServer(this.#env);
    await this.#server.initialize();
    return this.#server;
  }

  /** Asks, and waits for no answer. */
  async begin(tool: string, args: Record<string, unknown>): Promise<() => Promise<Record<string, any>>> {
    const server = await this.#alive();
    this.#calls += 1;
    const id = this.#calls;
    server.callTool(id, tool, args);
    return () => server.answer(id);
  }

  async call(
    tool: string,
    args: Record<string, unknown>,
  ): Promise<{ data: Record<string, any>; text: string; isError: boolean }> {
    const { result, error } = await (await this.begin(tool, args))();
    if (result === undefined) throw new Error(`${tool}: ${JSON.stringify(error)}`);
    const text = result.content[0].text;
    return { data: result.structuredContent ?? JSON.parse(text), text, isError: result.isError === true };
  }

  async kill(): Promise<void> {
    this.#server?.child.kill('SIGKILL');
    await this.#server?.exit;
    this.#server = undefined;
  }
}

/** What the server lists as left, of all clusters. */
export async function leftovers(victim: Victim): Promise<readonly Record<string, any>[]> {
  const { data, isError, text } = await victim.call('proxmox-list-leftovers', { limit: 200 });
  if (isError || data.next_cursor !== undefined) throw new Error(`the leftovers: ${text}`);
  return data.clusters.flatMap(({ cluster, items = [] }: Record<string, any>) =>
    items.map((item: object) => ({ cluster, ...item })),
  );
}
