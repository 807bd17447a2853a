// Every tool on clusters whose every answer is hostile, in process: `npm run hostile-guests -- [area.ts...]`. Figures as a line of JSON.
import { argumentsGiven, failWithUsage } from './command-line.mjs';
import { loadTestSupport } from './test-support.mjs';

const usage = 'npm run hostile-guests -- [area.ts...]';
const { words: wanted } = argumentsGiven(usage);
const { areas, tryHostileGuests, folder, done } = await loadTestSupport('hostile-guests');
if (wanted.some((name) => !(name in areas))) {
  done();
  failWithUsage(`${usage}\nareas: ${Object.keys(areas).join(' ')}`);
}
const chosen = wanted.length === 0 ? areas : Object.fromEntries(wanted.map((name) => [name, areas[name]]));
const began = performance.now();
const onFault = (fault, example) => console.error(`${fault}\n    ${example}`);
const { tools, faults, ...counted } = await tryHostileGuests({
  areas: chosen,
  allWays: true,
  secretDir: folder,
  onFault,
});
done();
const seconds = Math.round((performance.now() - began) / 1000);
console.log(JSON.stringify({ tools: tools.size, ...counted, seconds, faults: Object.fromEntries(faults) }));
process.exit(faults.size > 0 ? 1 : 0);
