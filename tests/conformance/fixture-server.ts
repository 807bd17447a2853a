// The product's protocol code with the tools that the conformance suite calls by name.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolAnswer } from '../../src/server/answer.js';
import { converse, type Service, type ServiceCall } from '../../src/server/mcp-server.js';
import type { PublishedTool } from '../../src/server/tool-list.js';

interface Fixture {
  readonly description: string;
  readonly inputSchema?: object;
  answer(call: ServiceCall): ToolAnswer | Promise<ToolAnswer>;
}

const text = (words: string): ToolAnswer => ({ structured: undefined, text: words, isError: false });

async function withProgress({ onProgress }: ServiceCall): Promise<ToolAnswer> {
  for (const progress of [0, 50, 100]) {
    await onProgress?.({ progress, total: 100, message: `step ${progress}` });
    await sleep(50);
  }
  return text('All three steps are done.');
}

/** What a schema of 2020-12 may hold and a careless server loses on the way. */
const schema202012 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

const fixtures: Record<string, Fixture> = {
  test_simple_text: {
    description: 'Answers with text.',
    answer: () => text('This is a simple text response for testing.'),
  },
  test_error_handling: {
    description: 'Always fails.',
    answer: () => ({
      structured: undefined,
      text: 'This tool intentionally returns an error for testing',
      isError: true,
    }),
  },
  test_tool_with_progress: { description: 'Reports its progress.', answer: withProgress },
  json_schema_2020_12_tool: {
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: schema202012,
    answer: () => text('Nothing to do.'),
  },
};

const published: Omit<PublishedTool, 'outputSchema'>[] = Object.entries(fixtures).map(
  ([name, { description, inputSchema }]) => ({
    name,
    title: name,
    description,
    inputSchema: inputSchema ?? { type: 'object', additionalProperties: false },
    annotations: { readOnlyHint: true },
  }),
);

const service: Service = {
  version: '0.0.0',
  instructions: 'Fixtures of the conformance suite.',
  tools: () => JSON.stringify(published),
  isKnown: (tool) => published.some(({ name }) => name === tool),
  whyUnknown: () => undefined,
  call: async (tool, _args, options) => {
    const fixture = fixtures[tool];
    if (fixture === undefined) throw new Error(`no fixture ${tool}`);
    return fixture.answer(options);
  },
  redact: (line) => line,
  initialized: () => undefined,
  warn: () => undefined,
};

const conversation = await converse(service, process.stdin, process.stdout);
await conversation.ended;
await conversation.stop();
