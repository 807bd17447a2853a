/** What a person pastes to have a client start this server. */
export interface ClientSnippet {
  readonly client: string;
  /** The file it goes into, or where it is typed. */
  readonly place: string;
  readonly language: 'json' | 'sh';
  readonly text: string;
}

const start = ['npx', '-y', 'proxmox-mcp'] as const;

/** Clients start a server in a folder of their own, so the path is an absolute one. */
const unixFile = '/home/me/proxmox.env';
const windowsFile = 'C:\\Users\\me\\proxmox.env';

function entry([command, ...args]: readonly string[], file: string) {
  return { command, args, env: { PROXMOX_ENV_FILE: file } };
}

const json = (value: object) =>
  // Short lists on one line, as people write them.
  JSON.stringify(value, null, 2).replace(
    /\[\s+("[^[\]]*")\s+\]/g,
    (_, items: string) => `[${items.replace(/,\s+/g, ', ')}]`,
  );

const onWindows = ['cmd', '/c', ...start];

/** One for each client, and the forms that Windows needs, where `npx` is a command file that clients cannot start. */
export const clientSnippets: readonly ClientSnippet[] = [
  {
    client: 'Claude Desktop',
    place: 'claude_desktop_config.json (Settings > Developer > Edit Config)',
    language: 'json',
    text: json({ mcpServers: { proxmox: entry(start, unixFile) } }),
  },
  {
    client: 'Claude Code',
    place: 'in a terminal',
    language: 'sh',
    text: `claude mcp add --env PROXMOX_ENV_FILE=${unixFile} --transport stdio proxmox -- ${start.join(' ')}`,
  },
  {
    client: 'Cursor',
    place: '~/.cursor/mcp.json, or .cursor/mcp.json in a project',
    language: 'json',
    text: json({ mcpServers: { proxmox: entry(start, unixFile) } }),
  },
  {
    client: 'VS Code',
    place: ".vscode/mcp.json in a project, or the user's (MCP: Open User Configuration)",
    language: 'json',
    text: json({ servers: { proxmox: { type: 'stdio', ...entry(start, unixFile) } } }),
  },
  {
    client: 'Claude Desktop or Cursor on Windows',
    place: 'the same files; VS Code takes the same command and args',
    language: 'json',
    text: json({ mcpServers: { proxmox: entry(onWindows, windowsFile) } }),
  },
  {
    client: 'Claude Code on Windows',
    place: 'in a terminal',
    language: 'sh',
    text: `claude mcp add --env PROXMOX_ENV_FILE=${windowsFile} --transport stdio proxmox -- ${onWindows.join(' ')}`,
  },
];
