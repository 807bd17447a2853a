// Every tool and command with secrets planted wherever they can stand, and all that leaves searched for them:
// `npm run secrets -- [obstacles] [seed]`. Figures as JSON.
import { availableParallelism } from 'node:os';
import { numbersGiven } from './command-line.mjs';
import { loadTestSupport, server } from './test-support.mjs';

const [obstacles, seed] = numbersGiven('npm run secrets -- [obstacles] [seed]', [99, 1]);
const { areas, tellArea, tellCommands, done } = await loadTestSupport('secrets/tell-area', 'secrets/tell-commands');
const began = performance.now();
const sums = {};
const leaks = [];
const add = (figures) => {
  for (const [name, value] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + value;
};
for (const [index, [name, area]] of Object.entries(areas).entries()) {
  const told = await tellArea({ server, name, area, seed: seed * 100 + index, obstacles });
  add(told.figures);
  leaks.push(...told.leaks);
  console.error(`${name}: ${told.leaks.length} leaks in ${told.figures.bytes} bytes`);
}
const told = await tellCommands(server, seed);
add(told.figures);
leaks.push(...told.leaks);
done();
for (const leak of leaks.slice(0, 50)) console.error(leak);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  JSON.stringify({
    seed,
    areas: Object.keys(areas).length,
    ...sums,
    leaks: leaks.length,
    seconds,
    cores: availableParallelism(),
  }),
);
process.exit(leaks.length > 0 ? 1 : 0);
