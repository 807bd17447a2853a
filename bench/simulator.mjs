import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('clusters.mjs', import.meta.url));

/** Starts simulated clusters in a process of their own. */
export async function startClusters(options) {
  const child = fork(script, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ env, clusters }] = await once(child, 'message');
  const ask = async (message) => {
    child.send(message);
    const [answer] = await once(child, 'message');
    return answer;
  };
  return {
    env,
    clusters,
    setFault: (names, fault) => ask({ clusters: names, fault }),
    countRequests: async () => (await ask({})).requests,
    close: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
