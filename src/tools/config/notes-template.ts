import { z } from 'zod';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';

/** What each kind of notes asks for, in this order. */
const kinds = {
  overview: ['purpose', 'owner', 'contact', 'system', 'address', 'backup', 'documentation'],
  service: ['service', 'owner', 'contact', 'ports', 'depends_on', 'start', 'monitoring', 'documentation'],
  maintenance: ['owner', 'window', 'last_change', 'next_change', 'before_reboot', 'after_reboot', 'rollback'],
} as const;
const names = ['overview', 'service', 'maintenance'] as const;

const label = (name: string) => {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const open = (name: string) => `{{${name}}}`;
const notBlank = (line: string) => line.trim() !== '';

function markdown(title: string, rows: readonly (readonly [string, string])[]): string {
  const table = rows.map(
    ([name, value]) => `| ${label(name)} | ${value.split('\n').filter(notBlank).join('<br>').replaceAll('|', '\\|')} |`,
  );
  return [`# ${title}`, '', '| | |', '|---|---|', ...table].join('\n');
}

function html(title: string, rows: readonly (readonly [string, string])[]): string {
  const table = rows.map(
    ([name, value]) =>
      `<tr><td><b>${escaped(label(name))}</b></td><td>${escaped(value).replaceAll('\n', '<br>')}</td></tr>`,
  );
  return [`<h1>${escaped(title)}</h1>`, '<table>', ...table, '</table>'].join('\n');
}

export default [
  defineTool({
    name: 'proxmox-notes-template',
    title: 'Notes template',
    description: 'Text for a notes-update tool; {{name}} for a missing value.',
    effect: 'read',
    scope: 'configuration',
    toolset: 'config',
    input: {
      template_type: z.enum(names).describe('About'),
      format: z.enum(['markdown', 'html']).optional().describe('Default markdown'),
      variables: z.record(z.string(), z.unknown()).optional().describe('Name: text; title'),
    },
    output: z.object({
      content: z.string(),
      format: z.string(),
      characters: z.number(),
      filled: z.array(z.string()),
      open: z.array(z.string()),
    }),
    calls: {},
    privileges: [],
    run: async ({ input }) => {
      const { template_type: kind, format = 'markdown' } = input;
      const values = texts(input.variables ?? {});
      const given = [...values.keys()];
      const title = values.get('title') ?? open('title');
      const fields = [...new Set<string>([...kinds[kind], ...given.filter((name) => name !== 'title')])];
      const rows = fields.map((name) => [name, values.get(name) ?? open(name)] as const);
      const content = format === 'html' ? html(title, rows) : markdown(title, rows);
      const missing = ['title', ...fields].filter((name) => !values.has(name));
      return { content, format, characters: content.length, filled: given, open: missing };
    },
  }),
];

function texts(variables: Readonly<Record<string, unknown>>): Map<string, string> {
  return new Map(
    Object.entries(variables).map(([name, value]) => {
      if (!/^[a-z][a-z0-9_]{0,39}$/i.test(name))
        throw new InvalidInput({ argument: 'variables', message: `'${name}': names are letters, digits and _` });
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new InvalidInput({ argument: `variables.${name}`, message: 'takes a text' });
      return [name, String(value)];
    }),
  );
}
