import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CallToolResultSchema,
  type ElicitRequestFormParams,
  ElicitRequestSchema,
  type ElicitResult,
} from '@modelcontextprotocol/sdk/types.js';
import type { Simulator } from '../../src/simulator/listen.js';

/** The built file, as users start it. */
export const builtServer = fileURLToPath(new URL('../../dist/proxmox-mcp.mjs', import.meta.url));

/** Where the servers of this run keep new secrets, unless a test says otherwise. */
export const secretDir = join(tmpdir(), `proxmox-mcp-tests-${process.pid}`, 'secrets');

export interface Answer {
  /** `structuredContent`, as the client got it; for an error the error object. */
  readonly data: Record<string, any>;
  readonly isError: boolean;
  readonly text: string;
}

/** The person before the client: gives an answer to each question. */
export type Person = (question: ElicitRequestFormParams, signal: AbortSignal) => ElicitResult | Promise<ElicitResult>;

export interface Session {
  readonly client: Client;
  /** Of the server. */
  readonly pid: number | null;
  /** Everything that the server wrote on standard error. */
  readonly stderr: () => string;
  call(tool: string, args?: Record<string, unknown>, signal?: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** A server of the simulated clusters for as long as the work takes, and what it said on standard error. */
export async function withServer(
  simulator: Simulator,
  env: Record<string, string>,
  work: (session: Session) => Promise<unknown>,
): Promise<string> {
  const session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false', ...env });
  try {
    await work(session);
  } finally {
    await session.close();
  }
  return session.stderr();
}

/**
 * The built server as a child process with this environment and no other, and a real MCP client on its stdio.
 * @param person is asked by forms; without one the client cannot ask
 * @param fileUnits the most that a file may have, in units of 512 or 1024 bytes: what is over is refused as on a full disk
 */
export async function startSession(
  env: Record<string, string>,
  args: readonly string[] = [],
  person?: Person,
  fileUnits?: number,
): Promise<Session> {
  const transport = new StdioClientTransport({
    ...(fileUnits === undefined
      ? { command: process.execPath, args: [builtServer, ...args] }
      : {
          command: 'sh',
          args: ['-c', `ulimit -f ${fileUnits} && exec "$0" "$@"`, process.execPath, builtServer, ...args],
        }),
    // `/` has no .env file; a client starts a server in an unknown folder.
    cwd: '/',
    env: {
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      PROXMOX_TOOLSETS: 'all',
      PROXMOX_SECRET_DIR: secretDir,
      ...env,
    },
    stderr: 'pipe',
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const client = new Client(
    { name: 'tests', version: '0.0.0' },
    { capabilities: person === undefined ? {} : { elicitation: { form: {} } } },
  );
  if (person !== undefined)
    client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => {
      if (params.mode === 'url') throw new Error('a person was sent to a web page');
      return person(params, signal);
    });
  await client.connect(transport);
  return {
    client,
    pid: transport.pid,
    stderr: () => stderr,
    call: async (tool, toolArguments = {}, signal) => {
      const params = { name: tool, arguments: toolArguments };
      const result = await client.request({ method: 'tools/call', params }, CallToolResultSchema, {
        ...(signal && { signal }),
      });
      const [first] = result.content;
      const text = first?.type === 'text' ? first.text : '';
      const isError = result.isError === true;
      return { data: result.structuredContent ?? JSON.parse(text), isError, text };
    },
    close: () => client.close(),
  };
}
