// A list over MCP beside the same GET without us: what our layers cost.
import { Agent, request } from 'undici';
import { openSession } from './session.mjs';
import { startClusters } from './simulator.mjs';
import { held, median, ms, noted, sleep, time } from './statistics.mjs';

const guests = 1000;
const rounds = 200;
const warmUp = 40;
/** The check of all clusters after the start is over by then. */
const settled = 2500;
const tool = 'proxmox-list-vms';

function plainGet({ url, caPem, authorization }) {
  const dispatcher = new Agent({ connect: { ca: caPem }, connections: 1 });
  return async () => {
    const { body } = await request(`${url}/api2/json/cluster/resources`, {
      dispatcher,
      headers: { authorization },
    });
    const { data } = JSON.parse(await body.text());
    const found = data.filter(({ vmid }) => vmid !== undefined).length;
    if (found !== guests) throw new Error(`${found} guests instead of ${guests}`);
  };
}

async function interleave(runs) {
  const times = runs.map(() => []);
  for (let round = 0; round < warmUp + rounds; round += 1)
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const took = await time(runs[at]);
      if (round >= warmUp) times[at].push(took);
    }
  return times.map(median);
}

export async function measureListVms(server) {
  const clusters = await startClusters({ world: 'large', clusters: 1, guests });
  const session = await openSession(server, clusters.env);
  try {
    await session.call(tool);
    await sleep(settled);
    const before = await clusters.countRequests();
    const get = plainGet(clusters.clusters[0]);
    const [alone, page] = await interleave([get, () => session.call(tool)]);
    const [, most] = await interleave([get, () => session.call(tool, { limit: 1000 })]);
    const requests = (await clusters.countRequests()) - before;
    const budget = `plain GET ${ms(alone)} + 3 ms`;
    return [
      held(`${tool}, ${guests} guests (median of ${rounds})`, ms(page), budget, page <= alone + 3),
      noted('with limit 1000, cut to the 25,000 characters of an answer', ms(most)),
      noted('requests to the cluster for each of those calls', (requests / (4 * (rounds + warmUp))).toFixed(2)),
    ];
  } finally {
    await session.close();
    await clusters.close();
  }
}
