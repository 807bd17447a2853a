import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const s = new McpServer({ name: 'bare', version: '0' }, { capabilities: { tools: {} } });
await s.connect(new StdioServerTransport());
