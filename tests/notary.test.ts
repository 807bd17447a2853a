import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PveVersion, type Simulator, startSimulator } from '../src/simulator/listen.js';
import { catalogue } from '../src/tools/catalogue.js';
import type { Example } from './notary/example.js';
import { startSession } from './support/session.js';

const notaryFile = resolve(import.meta.dirname, '../../shared/pve/notary.mjs');
const folder = resolve(import.meta.dirname, 'notary');
const areas = readdirSync(folder).filter((file) => file !== 'example.ts');

const examples = new Map<string, readonly Example[]>();
const environments = new Map<string, Record<string, string> | undefined>();
const preparations = new Map<string, ((simulator: Simulator) => void) | undefined>();
beforeAll(async () => {
  for (const area of areas) {
    const module = await import(resolve(folder, area));
    examples.set(area, module.default);
    preparations.set(area, module.prepare);
    environments.set(area, module.env);
  }
});

it('has an example of every tool', () => {
  const shown = new Set([...examples.values()].flat().map(([tool]) => tool));
  expect(catalogue.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
});

const versions = [
  ['9.2', '9.2.3'],
  ['8.4', '8.4.5'],
] as const;
const runs = areas.flatMap((area) => versions.map(([version, contract]) => [area, version, contract] as const));

describe.runIf(existsSync(notaryFile))('every request, as a real server would judge it', { concurrent: true }, () => {
  it.each(runs)(
    '%s is faultless for %s',
    async (area, version: PveVersion, contract) => {
      const { startNotary } = await import(notaryFile);
      const began = Date.now();
      const clock = { now: () => began + (Date.now() - began) * 20 };
      const simulator = await startSimulator({ version, http: true, clock });
      preparations.get(area)?.(simulator);
      const notaries = await Promise.all(
        simulator.clusters.map(({ url }) => startNotary({ upstream: url, version: contract, strict: true })),
      );
      for (const [index, cluster] of simulator.clusters.entries()) cluster.alsoAt(notaries[index].url);
      const addresses = simulator.clusters.map(({ name }, index) => [
        `PROXMOX_CLUSTER_${name.replaceAll('-', '_')}_API_URL`,
        notaries[index].url,
      ]);
      const session = await startSession({
        ...simulator.env(),
        ...Object.fromEntries(addresses),
        ...environments.get(area),
      });
      const failed: string[] = [];
      let last: Record<string, any> | undefined;
      for (const [tool, args] of examples.get(area) ?? []) {
        const { isError, text, data } = await session.call(tool, typeof args === 'function' ? args(last) : { ...args });
        last = data;
        if (isError) failed.push(`${tool}: ${text}`);
      }
      await session.close();
      const faults = notaries.flatMap((notary) => notary.faults);
      const requests = notaries.reduce((sum, notary) => sum + notary.requests, 0);
      await Promise.all(notaries.map((notary) => notary.close()));
      await simulator.close();
      expect(failed).toEqual([]);
      expect(faults).toEqual([]);
      expect(requests).toBeGreaterThan(0);
    },
    120_000,
  );
});
