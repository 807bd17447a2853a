// Requests that are written without reading an answer: `npm run flood -- [requests]`. Figures as one line of JSON.
import { numbersGiven } from './command-line.mjs';
import { loadTestSupport, server } from './test-support.mjs';

const [requests] = numbersGiven('npm run flood -- [requests]', [100_000]);
const { flood, mostMemory, done } = await loadTestSupport('flood');
const figures = await flood({ server, requests });
const { memory, wrong, lost, answered, busy } = figures;
const bounded = memory === undefined ? 'not known here' : memory.peak - memory.before <= mostMemory;
done();
console.log(JSON.stringify({ what: 'flood', bounded, ...figures }));
process.exit(wrong.length + lost > 0 || answered + busy !== requests || bounded === false ? 1 : 0);
