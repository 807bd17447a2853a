// Many clusters at once: slow ones, and one that does not answer.
import { openSession } from './session.mjs';
import { startClusters } from './simulator.mjs';
import { held, median, ms, noted, sleep, time } from './statistics.mjs';

const tool = 'proxmox-list-nodes';
const latency = 50;
const rounds = 15;
/** Seconds that a cluster has to answer a read. */
const readTimeout = 30;
/** Long enough for the check of all clusters after the start. */
const settled = 3000;

async function withFleet(server, count, measure) {
  const fleet = await startClusters({ world: 'large', clusters: count, guests: 20 });
  const names = fleet.clusters.map(({ name }) => name);
  const session = await openSession(server, fleet.env);
  try {
    return await measure(session, fleet, names);
  } finally {
    await session.close();
    await fleet.close();
  }
}

async function answered(session, cluster, count) {
  const { clusters } = await session.call(tool, { cluster });
  const well = clusters.filter((entry) => entry.error === undefined).length;
  if (well !== count) throw new Error(`${well} clusters answered instead of ${count}`);
}

export const measureSlowFleet = (server) =>
  withFleet(server, 20, async (session, fleet, names) => {
    await fleet.setFault(names, { kind: 'slow', ms: latency });
    const cold = await time(() => answered(session, 'all', names.length));
    await sleep(settled);
    const alone = names.map(() => []);
    const all = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, name] of names.entries()) alone[at].push(await time(() => session.call(tool, { cluster: name })));
      all.push(await time(() => answered(session, 'all', names.length)));
    }
    const slowest = Math.max(...alone.map(median));
    const together = median(all);
    const what = `${tool} over 20 clusters of ${latency} ms latency (median of ${rounds})`;
    const budget = `1.5 x the slowest alone: ${ms(1.5 * slowest)}`;
    return [
      held(what, ms(together), budget, together <= 1.5 * slowest),
      noted('the slowest of the 20 alone', ms(slowest)),
      noted('the first call of all, with 20 TLS handshakes', ms(cold)),
    ];
  });

export const measureHungCluster = (server) =>
  withFleet(server, 10, async (session, fleet, names) => {
    const [hung, healthy] = names;
    await answered(session, 'all', names.length);
    await sleep(settled);
    await fleet.setFault([hung], { kind: 'hung' });
    const whole = time(() => answered(session, 'all', names.length - 1));
    await sleep(5000);
    const meanwhile = await time(() => session.call(tool, { cluster: healthy }));
    const took = (await whole) / 1000;
    const next = await time(() => session.call(tool, { cluster: healthy }));
    const inTime = took >= readTimeout - 1 && took <= readTimeout + 1;
    return [
      held(
        'one of ten clusters hung: the nine others after',
        `${took.toFixed(2)} s`,
        `its timeout: ${readTimeout} s`,
        inTime,
      ),
      held('the next answer', ms(next), '100 ms', next <= 100),
      held('an answer of another cluster while that one hangs', ms(meanwhile), '100 ms', meanwhile <= 100),
    ];
  });
