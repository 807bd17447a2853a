// The conformance suite speaks Streamable HTTP only: a stdio server behind a port, one child process per MCP session.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

const local = /^(localhost|127\.0\.0\.1)(:\d+)?$/;
const localOrigin = /^https?:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/;

const isRequest = (message) => 'method' in message && 'id' in message;
const isAnswer = (message) => !('method' in message);

/** The requests of a session that wait for their answer. */
class InFlight {
  #tokens = new Map();

  add({ id, params }) {
    this.#tokens.set(id, params?._meta?.progressToken);
  }

  delete(id) {
    this.#tokens.delete(id);
  }

  /** What a server sends on its own belongs, over HTTP, to the stream of a request: the one with its token, else the newest. */
  owner({ params }) {
    const ids = [...this.#tokens.keys()];
    const token = params?.progressToken;
    return ids.find((id) => token !== undefined && this.#tokens.get(id) === token) ?? ids.at(-1);
  }
}

async function openSession({ command, args, env }, sessions) {
  const child = new StdioClientTransport({ command, args, env, stderr: 'ignore' });
  const http = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, http),
  });
  const inFlight = new InFlight();
  http.onmessage = (message) => {
    if (isRequest(message)) inFlight.add(message);
    child.send(message).catch(() => http.close());
  };
  child.onmessage = (message) => {
    const relatedRequestId = isAnswer(message) ? undefined : inFlight.owner(message);
    if (isAnswer(message)) inFlight.delete(message.id);
    // A client that has gone away no longer waits for it.
    http.send(message, relatedRequestId === undefined ? undefined : { relatedRequestId }).catch(() => {});
  };
  child.onclose = () => http.close();
  http.onclose = () => {
    sessions.delete(http.sessionId);
    void child.close();
  };
  await child.start();
  await http.start();
  return http;
}

function refusal({ url, headers }) {
  const { host = '', origin } = headers;
  if (!local.test(host) || (origin !== undefined && !localOrigin.test(origin))) return 403;
  return url === '/mcp' ? undefined : 404;
}

/** Serves one stdio server; `server` is its `{ command, args, env }`. */
export async function startBridge(server) {
  const sessions = new Map();
  const listener = createServer(async (request, response) => {
    const status = refusal(request);
    if (status !== undefined) return response.writeHead(status).end();
    const id = request.headers['mcp-session-id'];
    const session = id === undefined ? await openSession(server, sessions) : sessions.get(id);
    if (session === undefined) return response.writeHead(404).end();
    await session.handleRequest(request, response);
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    await Promise.all([...sessions.values()].map((session) => session.close()));
    listener.closeAllConnections();
    listener.close();
  };
  return { url: `http://127.0.0.1:${listener.address().port}/mcp`, close };
}
