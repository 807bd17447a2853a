// The simulated clusters of a measurement, in a process of their own. Its only argument is startSimulator's options as
// JSON; over IPC it sends what the clusters are, takes a fault for some of them, and counts their requests.
import { startSimulator } from '../dist/listen.mjs';

const simulator = await startSimulator(JSON.parse(process.argv[2]));

const requests = () => simulator.clusters.reduce((sum, cluster) => sum + cluster.requests.length, 0);

process.on('message', ({ clusters, fault }) => {
  for (const name of clusters ?? []) simulator.cluster(name).setFault(fault);
  process.send({ requests: requests() });
});
process.on('disconnect', () => process.exit(0));
process.send({
  env: simulator.env(),
  clusters: simulator.clusters.map(({ name, url, caPem, tokenId, tokenSecret }) => ({
    name,
    url,
    caPem,
    authorization: `PVEAPIToken=${tokenId}=${tokenSecret}`,
  })),
});
