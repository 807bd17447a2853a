import { type Readable, Writable } from 'node:stream';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ElicitResultSchema,
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  ListToolsRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { Caller } from '../client/execution.js';
import type { Progress } from '../client/progress.js';
import type { Ask } from '../client/question.js';
import type { Redact } from '../client/redact/redact.js';
import type { ToolAnswer } from './answer.js';
import { LineTransport } from './line-transport.js';
import { textsOf } from './message-text.js';
import { Pace } from './pace.js';

/** What the protocol needs of the product. */
export interface Service {
  readonly version: string;
  readonly instructions: string;
  /** The tools that are offered, as JSON; it was made with the bundle and holds no secret. */
  tools(): string | Promise<string>;
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
  /** Where the client can put a question to its user. */
  readonly ask?: Ask;
  /** As it named itself. */
  readonly client?: Caller;
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

/** What is written to it goes on to `output`, a line after the other. */
function linesTo(output: Writable): Writable {
  const lines = new Writable({
    decodeStrings: false,
    write: (line, _encoding, done) => {
      // A failure is an event of `output`, and ends the conversation there.
      output.write(line, () => done());
    },
  });
  // The SDK adds one for each answer that has to wait.
  return lines.setMaxListeners(0);
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
  const lines = linesTo(output);
  const pace = new Pace(lines);
  const messages = pace.of(input);
  const ended = endOf(server, messages, output);
  const made = new WeakMap<object, string>();
  const transport = new LineTransport(messages, lines, { check: messageOf, toText: textsOf(service.redact, made) });
  answerRequests(server, service, { pace, made, version: versionAsked(transport) });
  server.oninitialized = () => service.initialized();
  server.onerror = sayUnreadable(service);
  await server.connect(transport);
  // Calls in flight are cancelled with it.
  const stop = () => server.close();
  return { ended, stop, toolsChanged: () => server.sendToolListChanged() };
}

/** So many lines stand for one in the log, after the first. */
const unreadableForLine = 100;

/** A flood of what is no message is to be no flood of lines. */
function sayUnreadable({ warn }: Service): (error: Error) => void {
  let count = 0;
  return ({ name }) => {
    if (count % unreadableForLine === 0)
      warn({ reason: name, before: count }, 'a message that could not be read or delivered');
    count += 1;
  };
}

/** A value as the message that it is; a call that is none would be answered by the SDK with the whole of its own complaint. */
function messageOf(value: unknown): JSONRPCMessage | undefined {
  const { data } = JSONRPCMessageSchema.safeParse(value);
  const isCall = data !== undefined && 'method' in data && data.method === 'tools/call';
  return isCall && !CallToolRequestSchema.safeParse(data).success ? undefined : data;
}

function endOf(server: Server, messages: Readable, output: Writable): Promise<string> {
  return new Promise((resolve) => {
    messages.once('end', () => resolve('the client closed stdin'));
    // Without a listener an EPIPE would end the process with a stack trace.
    output.on('error', (error) => resolve(`stdout: ${error.name}`));
    server.onclose = () => resolve('the transport was closed');
  });
}

/** What `initialize` asked for; of the versions that the SDK speaks it is the one that is spoken. */
function versionAsked(transport: Transport): () => string {
  let version = '';
  transport.onmessage = (message) => {
    if (!('method' in message) || message.method !== 'initialize') return;
    const asked = message.params?.protocolVersion;
    if (typeof asked === 'string') version = asked;
  };
  return () => version;
}

const beforeElicitation = ['2024-10-07', '2024-11-05', '2025-03-26'];
/** Milliseconds; who asks withdraws the question long before. */
const longestQuestion = 3_600_000;

/** How a call asks the user of its client, where that can. */
function askBy(
  { sendRequest }: RequestHandlerExtra<ServerRequest, ServerNotification>,
  server: Server,
  version: string,
): { readonly ask?: Ask } {
  if (server.getClientCapabilities()?.elicitation?.form === undefined) return {};
  if (beforeElicitation.includes(version)) return {};
  const ask: Ask = async ({ text, tick }, signal) => {
    const { action, content } = await sendRequest(formRequest(text, tick), ElicitResultSchema, {
      signal,
      timeout: longestQuestion,
    });
    return { action, ticked: content?.confirm === true };
  };
  return { ask };
}

/** Without a mode it is a form in every version that can ask. */
function formRequest(message: string, title: string): ServerRequest {
  const confirm = { type: 'boolean', title, default: false } as const;
  return {
    method: 'elicitation/create',
    params: { message, requestedSchema: { type: 'object', properties: { confirm }, required: ['confirm'] } },
  };
}

/** What answering needs beside the service. */
interface Beside {
  readonly pace: Pace;
  /** Takes in each result that is there as JSON. */
  readonly made: WeakMap<object, string>;
  readonly version: () => string;
}

function answerRequests(server: Server, service: Service, { pace, made, version }: Beside): void {
  server.setRequestHandler(ListToolsRequestSchema, () =>
    pace.during(async () => {
      const list = { tools: [] };
      made.set(list, `{"tools":${await service.tools()}}`);
      return list;
    }),
  );
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    if (!service.isKnown(params.name)) throw new UnknownToolError(params.name, service.whyUnknown(params.name));
    const { progressToken } = params._meta ?? {};
    const client = server.getClientVersion();
    const options = {
      signal: extra.signal,
      ...askBy(extra, server, version()),
      ...(client === undefined ? {} : { client: { name: client.name, version: client.version } }),
      ...(progressToken === undefined
        ? {}
        : {
            onProgress: (progress: Progress) => extra.sendNotification(progressNotification(progressToken, progress)),
          }),
    };
    const answer = await pace.during(() => service.call(params.name, params.arguments, options));
    return {
      content: [{ type: 'text', text: answer.text }],
      ...(answer.structured === undefined ? {} : { structuredContent: answer.structured }),
      ...(answer.isError ? { isError: true } : {}),
      ...(answer.untrusted === undefined ? {} : { _meta: { untrusted: true, source: answer.untrusted } }),
    };
  });
}

function progressNotification(progressToken: string | number, progress: Progress): ServerNotification {
  return { method: 'notifications/progress', params: { progressToken, ...progress } };
}
