import { type Readable, Writable } from 'node:stream';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  type ServerNotification,
} from '@modelcontextprotocol/sdk/types.js';
import type { Progress } from '../client/progress.js';
import type { ToolAnswer } from './answer.js';
import type { Redact } from './redact.js';
import type { PublishedTool } from './tool-list.js';

/** What the protocol needs of the product. */
export interface Service {
  readonly version: string;
  readonly instructions: string;
  /** The tools that are offered. */
  tools(): readonly PublishedTool[] | Promise<readonly PublishedTool[]>;
  /** Whether it may be called; no other tool can be. */
  isKnown(tool: string): boolean;
  /** Why a tool that exists may not. */
  whyUnknown(tool: string): string | undefined;
  call(tool: string, args: unknown, options: ServiceCall): Promise<ToolAnswer>;
  /** Every message passes through it. */
  readonly redact: Redact;
  /** The client has said that it is ready. */
  initialized(): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

export interface ServiceCall {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => Promise<void>;
}

/** A running conversation. */
export interface Conversation {
  /** Resolves when the client has gone: its end of stdin, our stdout, or the transport closed. */
  readonly ended: Promise<string>;
  /** Tells the client that another list of tools is offered now. */
  toolsChanged(): Promise<void>;
  /** Cancels what is in flight and closes the transport. */
  stop(): Promise<void>;
}

/** What is written to it goes on to `output`, redacted line by line. */
function redacting(output: Writable, redact: Redact): Writable {
  return new Writable({
    decodeStrings: false,
    write: (line, _encoding, done) => {
      // A failure is an event of `output`, and ends the conversation there.
      output.write(redact(String(line)), () => done());
    },
  });
}

/** The SDK answers with an error's `code` and `message`; its own `McpError` would name the code twice. */
class UnknownToolError extends Error {
  override readonly name = 'UnknownToolError';
  readonly code = ErrorCode.InvalidParams;
  constructor(tool: string, why = `Unknown tool: ${tool.slice(0, 64)}`) {
    super(why);
  }
}

/** Speaks MCP on a pair of streams: protocol 2025-11-25, tools only. */
export async function converse(service: Service, input: Readable, output: Writable): Promise<Conversation> {
  const server = new Server(
    { name: 'proxmox-mcp', title: 'Proxmox VE, many clusters', version: service.version },
    { capabilities: { tools: { listChanged: true } }, instructions: service.instructions },
  );
  // The SDK leaves calls in flight when the client goes.
  const gone = new AbortController();
  const ended = endOf(server, input, output);
  answerRequests(server, service, gone.signal);
  server.oninitialized = () => service.initialized();
  server.onerror = (error) => service.warn({ reason: error.name }, 'a message that could not be read or delivered');
  await server.connect(new StdioServerTransport(input, redacting(output, service.redact)));
  const stop = async () => {
    gone.abort();
    await server.close();
  };
  return { ended, stop, toolsChanged: () => server.sendToolListChanged() };
}

function endOf(server: Server, input: Readable, output: Writable): Promise<string> {
  return new Promise((resolve) => {
    input.once('end', () => resolve('the client closed stdin'));
    input.once('close', () => resolve('stdin was closed'));
    // Without a listener an EPIPE would end the process with a stack trace.
    output.on('error', (error) => resolve(`stdout: ${error.name}`));
    server.onclose = () => resolve('the transport was closed');
  });
}

function answerRequests(server: Server, service: Service, gone: AbortSignal): void {
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [...(await service.tools())] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    if (!service.isKnown(params.name)) throw new UnknownToolError(params.name, service.whyUnknown(params.name));
    const { progressToken } = params._meta ?? {};
    const answer = await service.call(params.name, params.arguments, {
      signal: AbortSignal.any([extra.signal, gone]),
      ...(progressToken === undefined
        ? {}
        : { onProgress: (progress) => extra.sendNotification(progressNotification(progressToken, progress)) }),
    });
    return {
      content: [{ type: 'text', text: answer.text }],
      ...(answer.structured === undefined ? {} : { structuredContent: answer.structured }),
      ...(answer.isError ? { isError: true } : {}),
    };
  });
}

function progressNotification(progressToken: string | number, progress: Progress): ServerNotification {
  return { method: 'notifications/progress', params: { progressToken, ...progress } };
}
