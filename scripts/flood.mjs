// Requests that are written without reading an answer: `npm run flood -- [requests]`. Figures as one line of JSON.
import { loadSupport, numbersGiven, server } from './bundle-tests.mjs';

const [requests] = numbersGiven('npm run flood -- [requests]', [100_000]);
const { flood, mostMemory } = await loadSupport('flood');
const figures = await flood({ server, requests });
const { memory, wrong, lost, answered, busy } = figures;
const bounded = memory === undefined ? 'not known here' : memory.peak - memory.before <= mostMemory;
console.log(JSON.stringify({ what: 'flood', bounded, ...figures }));
process.exit(wrong.length + lost > 0 || answered + busy !== requests || bounded === false ? 1 : 0);
