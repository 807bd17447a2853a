import { describe, expect, it } from 'vitest';
import { areas, beginArea, callsOf, effectOf, loadArea } from './support/examples.js';
import { startSession } from './support/session.js';

/** `VM.Audit`, or that there may be more than the token sees. */
const explained = /\b[A-Z]\w+\.[A-Z]\w+|may not see|lists the privileges that are missing|No privilege is held/;

const empties = (text: string) => text.split('[]').length - 1;

describe.concurrent('a token without any privilege', () => {
  it.each(areas)(
    '%s: is told what it lacks, and gets nothing without a word',
    async (name) => {
      const area = await loadArea(name);
      const { simulator, env, settle } = await beginArea(area, 200);
      const able = await startSession(env);
      for (const cluster of simulator.clusters) {
        const key = cluster.name.replaceAll('-', '_');
        env[`PROXMOX_CLUSTER_${key}_TOKEN_ID`] = 'blind@pve!none';
        env[`PROXMOX_CLUSTER_${key}_TOKEN_SECRET`] = cluster.addToken('blind@pve!none', {});
      }
      const blind = await startSession(env);
      const wordless: string[] = [];
      let last: Record<string, any> | undefined;
      for (const { tool, args, follows } of callsOf(area, () => last)) {
        if (!follows) settle();
        const full = await able.call(tool, args);
        last = full.data;
        if (effectOf(tool) !== 'read') continue;
        const { isError, text } = await blind.call(tool, args);
        // Some things Proxmox lets everybody read, or those of them that are the token's own.
        const something = !isError && empties(text) <= empties(full.text);
        if (!something && !explained.test(text)) wordless.push(`${tool}: ${text}`);
      }
      await able.close();
      await blind.close();
      await simulator.close();
      expect(wordless).toEqual([]);
    },
    120_000,
  );
});
