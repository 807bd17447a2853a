// Every tool with hostile arguments, in process, against the simulator: `npm run fuzz -- [cases] [seed]`. Figures as JSON.
import { availableParallelism } from 'node:os';
import { numbersGiven } from './command-line.mjs';
import { loadTestSupport } from './test-support.mjs';

const [cases, seed] = numbersGiven('npm run fuzz -- [cases] [seed]', [100_000, Date.now() % 1_000_000]);
const { areas, tryHostileArguments, folder, done } = await loadTestSupport('hostile-calls');
const began = performance.now();
const onFault = (fault, example) => console.error(`${fault}\n    ${example}`);
const figures = await tryHostileArguments({ areas, cases, seed, secretDir: folder, onFault });
done();
const { faults, ...counted } = figures;
console.log(
  JSON.stringify(
    {
      seed,
      ...counted,
      seconds: Math.round((performance.now() - began) / 1000),
      cores: availableParallelism(),
      faults: Object.fromEntries(faults),
    },
    null,
    2,
  ),
);
process.exit(faults.size > 0 ? 1 : 0);
