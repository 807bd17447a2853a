// Every fault at every request of every tool of several steps: `npm run faults -- [--every N] [--only REGEXP] [--area FILE] [--tls]`.
// With --kill the built server is killed at every write instead, and asked afterwards what is left. Figures as JSON.
import { availableParallelism } from 'node:os';
import { argumentsGiven, failWithUsage } from './command-line.mjs';
import { loadTestSupport } from './test-support.mjs';

const usage = 'npm run faults -- [--every N] [--only REGEXP] [--area FILE] [--tls | --kill]';
const { values, words } = argumentsGiven(usage, {
  every: { type: 'string', default: '1' },
  only: { type: 'string' },
  area: { type: 'string' },
  tls: { type: 'boolean', default: false },
  kill: { type: 'boolean', default: false },
});
const every = Number(values.every);
if (words.length > 0 || !Number.isSafeInteger(every) || every < 1) failWithUsage(usage);

const { areas, tryFaults, tryKills, folder, done } = await loadTestSupport('fault-matrix', 'kill-matrix');
const chosen = Object.fromEntries(
  Object.entries(areas).filter(([file]) => values.area === undefined || file.startsWith(values.area)),
);
const began = performance.now();
const seconds = () => Math.round((performance.now() - began) / 1000);
const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
const plan = {
  areas: chosen,
  secretDir: folder,
  every,
  http: !values.tls,
  ...(values.only === undefined ? {} : { only: new RegExp(values.only) }),
  onFault: (fault, example) => console.error(`${fault}\n    ${example}`),
  onArea: (area, { cases, kills, faults }) =>
    console.error(`${area}: ${cases ?? kills} cases so far, ${faults.size} kinds of fault, ${seconds()} s`),
};
const figures = await (values.kill ? tryKills(plan) : tryFaults(plan));
done();
for (const reason of unhandled) figures.faults.set(`unhandled: ${reason}`, { count: 1, example: '' });
const { tools, kinds, faults, ...counted } = figures;
console.log(
  JSON.stringify({
    matrix: values.kill ? 'kills' : values.tls ? 'faults over TLS' : 'faults',
    every,
    ...counted,
    tools: tools.size,
    ...(kinds === undefined ? {} : { kinds: Object.fromEntries([...kinds].sort()) }),
    wrong: faults.size,
    seconds: seconds(),
    cores: availableParallelism(),
    ...(faults.size > 0 ? { faults: Object.fromEntries(faults) } : {}),
  }),
);
process.exit(faults.size > 0 ? 1 : 0);
