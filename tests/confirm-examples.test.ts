import type { ElicitRequestFormParams } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue } from '../src/tools/catalogue.js';
import { mayDestroy } from '../src/tools/destroys.js';
import { writingAreas as areas, beginArea, callsOf, effectOf, loadArea } from './support/examples.js';
import { startSession } from './support/session.js';

/** Finds nothing to do in its examples; `confirm.test.ts` gives it something. */
const idle = 'proxmox-expire-snapshots';
/** Destructive tools that were asked about. */
const asked = new Set<string>();

/** Values of this call that a plan masks, as they were given. */
const secretsOf = (args: Record<string, unknown>): string[] =>
  Object.entries(args).flatMap(([name, value]) =>
    typeof value === 'string' && /password|secret|token$|key$|input|private/i.test(name) && value.length > 4
      ? [value]
      : typeof value === 'object' && value !== null
        ? secretsOf({ ...value })
        : [],
  );

describe.concurrent('every example, with a person who agrees', () => {
  it.each(areas)(
    '%s: is asked about once where it changes something, and goes through',
    async (name) => {
      const area = await loadArea(name);
      const { simulator, env } = await beginArea(area, 20);
      const questions: ElicitRequestFormParams[] = [];
      const session = await startSession({ ...env, PROXMOX_CONFIRM: 'human-all' }, [], (question) => {
        questions.push(question);
        return { action: 'accept', content: { confirm: true } };
      });
      const tokens = simulator.clusters.map(({ tokenSecret }) => tokenSecret);
      let last: Record<string, any> | undefined;
      for (const { tool, args } of callsOf(area, () => last)) {
        const before = questions.length;
        const sent = simulator.clusters.map(({ requests }) => requests.length);
        const { data, isError, text } = await session.call(tool, args);
        last = data;
        expect(isError, `${tool}: ${text}`).toBe(false);
        const wrote = simulator.clusters.some(({ requests }, index) =>
          requests.slice(sent[index]).some(({ method }) => method !== 'GET'),
        );
        const news = questions.slice(before);
        expect(news.length, tool).toBe(effectOf(tool, args) !== 'read' && wrote ? 1 : 0);
        for (const { message } of news) {
          asked.add(tool);
          expect(message, tool).toMatch(/^[\x20-\x7e\n]*$/);
          for (const secret of [...tokens, ...secretsOf(args)]) expect(message, tool).not.toContain(secret);
        }
      }
      await session.close();
      await simulator.close();
    },
    120_000,
  );
});

afterAll(() => {
  const destructive = catalogue.filter(mayDestroy).map((tool) => tool.name);
  expect(destructive.filter((tool) => !asked.has(tool))).toEqual([idle]);
});
