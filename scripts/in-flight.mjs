// Rounds of 200 calls at once over 20 simulated clusters: `npm run in-flight -- [rounds]`. Figures as one line of JSON.
import { numbersGiven } from './command-line.mjs';
import { loadTestSupport, server } from './test-support.mjs';

const [rounds] = numbersGiven('npm run in-flight -- [rounds]', [50]);
const { callManyAtOnce, done } = await loadTestSupport('in-flight');
const figures = await callManyAtOnce({ server, rounds });
done();
console.log(JSON.stringify({ what: 'in-flight', ...figures }));
process.exit(figures.lost + figures.mixed.length + figures.wrongWrites.length > 0 ? 1 : 0);
