// Everyday calls of the built server on its stdio, against simulated clusters over HTTPS in this process, and what they
// leave in its memory and its descriptors: `npm run endurance -- [calls] [seed]`. Figures as one line of JSON.
import { numbersGiven } from './command-line.mjs';
import { loadTestSupport, server } from './test-support.mjs';

const [calls, seed] = numbersGiven('npm run endurance -- [calls] [seed]', [100_000, 1]);
const { endure, isFlat, done } = await loadTestSupport('endurance');
const onSample = (calls, { memory, descriptors }) => {
  process.stderr.write(`${calls} calls: ${memory.toFixed(1)} MiB, ${descriptors} descriptors\n`);
};
const figures = await endure({ server, calls, seed, onSample });
const { wrong, strays, pending, memory } = figures;
done();
const flat = memory === undefined ? 'not known here' : isFlat(figures);
console.log(JSON.stringify({ what: 'endurance', flat, ...figures }));
process.exit(wrong.length + strays + pending > 0 || flat === false ? 1 : 0);
