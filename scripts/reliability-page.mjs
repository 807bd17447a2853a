// docs/reliability.md, made from the figures in docs/reliability.json.
import { sources } from './reliability-sources.mjs';

const cell = (text) => text.replaceAll('|', '\\|');
const row = (cells) => `| ${cells.map(cell).join(' | ')} |`;

/** What keeps the figures from being told: a source without figures or that something went wrong in, or figures without a source. */
export function reliabilityFaults(kept) {
  const wrong = sources.flatMap(({ name, read }) => {
    if (kept[name] === undefined) return [`${name}: not measured`];
    return read(kept[name].figures).wrong === 0 ? [] : [`${name}: something went wrong`];
  });
  const unknown = Object.keys(kept).filter((name) => !sources.some((source) => source.name === name));
  return [...wrong, ...unknown.map((name) => `${name}: no such source`)];
}

/** @param kept by the name of its source: `date`, `node`, `seconds` and `figures` */
export function reliabilityPage(kept) {
  const told = sources.filter(({ name }) => kept[name] !== undefined);
  const table = sources.map(({ name, title, command, read }) => {
    if (kept[name] === undefined) return row([title, 'not measured', '-', `\`${command}\``]);
    const { tried, wrong } = read(kept[name].figures);
    return row([`[${title}](#${anchor(title)})`, tried, String(wrong), `\`${command}\``]);
  });
  return `${[
    '# Reliability',
    introduction,
    [row(['What', 'Tried', 'Went wrong', 'Again with']), row(['---', '---', '---', '---']), ...table].join('\n'),
    ...told.map((source) => section(source, kept[source.name])),
  ].join('\n\n')}\n`;
}

const anchor = (title) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

const introduction = `<!-- Written by scripts/reliability.mjs from docs/reliability.json; not to be edited. -->

What was tried to make this server do something wrong, how often, and what came of it. Written by \`npm run reliability -- --write\`; \`npm run docs:check\` fails
where something went wrong in a part, or one was not measured. The tests (\`npm test\`) do the same with fewer cases. The clusters are simulated, over HTTPS; the server is the
built one unless a part says otherwise.`;

function section({ title, about, read }, { date, node, seconds, figures }) {
  const { seen } = read(figures);
  return `## ${title}\n\n${about}\n\n${seen}.\n\n${date}, Node ${node}, ${duration(seconds)}.`;
}

const duration = (seconds) => (seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);
