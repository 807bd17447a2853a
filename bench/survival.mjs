// Ten clusters, one of them hung or dead: how long the healthy ones take meanwhile, against their usual time.
import { openSession } from './session.mjs';
import { startClusters } from './simulator.mjs';
import { held, median, ms, sleep, time } from './statistics.mjs';

const tool = 'proxmox-list-vms';
const rounds = 20;
const turns = 2;
const most = 1.2;
/** Long enough for the check of all clusters after the start. */
const settled = 3000;
/** How often the sick cluster is asked meanwhile. */
const askedEveryMs = 50;

export async function measureSurvival(server) {
  const fleet = await startClusters({ world: 'large', clusters: 10, guests: 50 });
  const session = await openSession(server, fleet.env);
  try {
    const [sick, ...healthy] = fleet.clusters.map(({ name }) => name);
    await sleep(settled);
    const askHealthy = async (times) => {
      for (const cluster of healthy) times.push(await time(() => session.call(tool, { cluster })));
    };
    await askHealthy([]);
    const lines = [];
    for (const [kind, what] of [
      ['hung', 'hangs'],
      ['unreachable', 'is dead'],
    ]) {
      const usual = [];
      const meanwhile = [];
      // In turns, so that whatever else the machine does meets both alike.
      for (let turn = 0; turn < turns; turn += 1) {
        await askWithSick(session, sick, () => repeat(rounds / turns, () => askHealthy(usual)));
        await fleet.setFault([sick], { kind });
        await askWithSick(session, sick, () => repeat(rounds / turns, () => askHealthy(meanwhile)));
        await fleet.setFault([sick], undefined);
        await recovered(session, sick);
      }
      const [before, during] = [median(usual), median(meanwhile)];
      lines.push(
        held(
          `${tool} of nine clusters while the tenth ${what} (median of ${meanwhile.length})`,
          ms(during),
          `${most} x their usual median: ${ms(most * before)}`,
          during <= most * before,
        ),
      );
    }
    return lines;
  } finally {
    await session.close();
    await fleet.close();
  }
}

/** Runs something while the sick cluster is asked again and again. */
async function askWithSick(session, sick, run) {
  let over = false;

  const asking = (async () => {
    while (!over) {
      session.call(tool, { cluster: sick }).catch(() => {});
      await sleep(askedEveryMs);
    }
  })();
  await run();
  over = true;
  await asking;
}

async function repeat(times, run) {
  for (let count = 0; count < times; count += 1) await run();
}

async function recovered(session, sick) {
  await session.call('proxmox-cluster-health', { cluster: sick });
  for (;;) {
    const { error } = await session.call(tool, { cluster: sick });
    if (error === undefined) return;
    await sleep(200);
  }
}
