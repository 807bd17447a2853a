// An upload of a sparse file over HTTPS: how fast it goes, and how much memory the server ever holds.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from './session.mjs';
import { startClusters } from './simulator.mjs';
import { held, mib, noted, time } from './statistics.mjs';

const gib = 2 ** 30;
const size = Number(process.env.UPLOAD_GIB ?? 2) * gib;
const budget = 100;

export async function measureUpload(server) {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-bench-'));
  const file_path = join(folder, 'large.iso');
  writeFileSync(file_path, '');
  truncateSync(file_path, size);
  const clusters = await startClusters({ world: 'single' });
  const session = new Session(server, {
    ...clusters.env,
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_TOOLSETS: 'storage',
  });
  try {
    await session.open();
    await session.call('proxmox-list-storage');
    const idle = session.peakMemory();
    const args = { file_path, storage: 'local', wait: false };
    let answer;
    const took = await time(async () => {
      answer = await session.call('proxmox-upload-iso', args);
    });
    if (answer.result?.size !== size) throw new Error(JSON.stringify(answer));
    const what = `upload of ${size / gib} GiB`;
    const speed = noted(
      `${what}: speed, with the simulator on the same cores`,
      `${mib(size / 2 ** 20 / (took / 1000))}/s`,
    );
    const peak = session.peakMemory();
    if (peak === undefined) return [speed, noted(`${what}: peak memory`, 'not told by this system')];
    const figure = `${mib(peak)}, ${mib(peak - idle)} more than before it`;
    return [speed, held(`${what}: peak memory of the server`, figure, `${budget} MiB more`, peak - idle <= budget)];
  } finally {
    await session.close();
    await clusters.close();
    rmSync(folder, { recursive: true });
  }
}
