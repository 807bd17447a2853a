import { expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/listen.js';
import { runCommand } from './run-command.js';

it('shows the tour without a terminal, and ends by itself', async () => {
  const simulator = await startSimulator();
  const secrets = simulator.clusters.map(({ tokenSecret }) => tokenSecret);
  await simulator.close();

  const { code, stdout, stderr } = await runCommand(['demo'], { PROXMOX_CLUSTERS: 'not,mine' });

  expect(stderr).toBe('');
  expect(code).toBe(0);
  for (const secret of secrets) expect(stdout).not.toContain(secret);
  expect(stdout).toMatch(/^production +ok +9\.2\.3 +3\/3 +yes +accepted/m);
  expect(stdout).toMatch(/^9 of 61 guests/m);
  expect(stdout).toMatch(/\{"name":"prod-db-1"\} +production +pattern +prod- +103$/m);
  expect(stdout).toMatch(/\{"vmid":902\} +disaster-recovery +vmid +900-999 +902$/m);
  expect(stdout).toMatch(/"prometheus"\} +production +default +- +140$/m);
  expect(stdout).toMatch(/"cluster":"staging"\} +staging +explicit +- +240$/m);
  expect(stdout).toContain("Did you mean 'staging'?");
  expect(stdout).toMatch(/^staging +200 +stg-web-1 .*agent/m);
  expect(stdout).toMatch(/^staging +CLUSTER_UNREACHABLE/m);
  expect(stdout).toMatch(/^staging +pve-stg1 online, pve-stg2 online$/m);
  for (const client of ['Claude Desktop', 'Claude Code', 'Cursor', 'VS Code']) expect(stdout).toContain(`${client}:`);
  expect(stdout).toContain('"args": ["/c", "npx", "-y", "proxmox-mcp"]');
  const tour = stdout.slice(0, stdout.indexOf('To use it'));
  expect(tour.split('\n').filter((line) => line.length > 110)).toEqual([]);
}, 25_000);
