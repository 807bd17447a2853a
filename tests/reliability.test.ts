import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const page = pathToFileURL(join(resolve(import.meta.dirname, '..'), 'scripts/reliability-page.mjs')).href;

/** What the page's own module makes of figures. */
function read(kept: object): { faults: string[]; text: string } {
  const code = `import { reliabilityFaults, reliabilityPage } from ${JSON.stringify(page)};
const kept = ${JSON.stringify(kept)};
console.log(JSON.stringify({ faults: reliabilityFaults(kept), text: reliabilityPage(kept) }));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}

const run = { date: '2030-01-01', node: '20.0.0', seconds: 300 };
const inFlight = {
  calls: 200,
  clusters: 20,
  atOnce: 200,
  reads: 142,
  writes: 38,
  cancelled: 10,
  toTheDead: 10,
  lost: 0,
  mixed: [],
  wrongWrites: [],
  mostRequests: 7,
};

it('tells of what was tried, and what was not', () => {
  const { faults, text } = read({ 'in-flight': { ...run, figures: inFlight } });
  expect(text).toContain('| Endurance | not measured | - | `npm run endurance` |');
  expect(faults).toContain('endurance: not measured');
  expect(faults.filter((fault) => fault.startsWith('in-flight'))).toEqual([]);
  expect(text).toContain(
    '| [Many calls at once](#many-calls-at-once) | 200 calls, 200 at once, over 20 clusters | 0 | `npm run in-flight` |',
  );
  expect(text).toContain('2030-01-01, Node 20.0.0, 5 min.');
});

it.each([
  ['a call is lost', { lost: 1 }],
  ['an answer is mixed up', { mixed: ['cluster-1 100'] }],
  ['a write is doubled', { wrongWrites: ['cluster-1'] }],
  ['a cluster sees too much at once', { mostRequests: 9 }],
  ['a figure is missing', { lost: undefined }],
])('is no good where %s', (_, change) => {
  const { faults } = read({ 'in-flight': { ...run, figures: { ...inFlight, ...change } } });
  expect(faults).toContain('in-flight: something went wrong');
});

it('knows no source that is not in its list', () => {
  expect(read({ other: { ...run, figures: {} } }).faults).toContain('other: no such source');
});
