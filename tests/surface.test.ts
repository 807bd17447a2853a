import { describe, expect, it } from 'vitest';
import { publishTools } from '../src/server/tool-list.js';

const single = publishTools(false);
const multi = publishTools(true);

// A red snapshot asks whether the change of what models see was meant; `npm test -- -u` says that it was.
describe('the surface, one snapshot a tool, with one cluster and with many', () => {
  it.each(multi.map(({ name }) => name))('%s', async (name) => {
    const shown = {
      multi: multi.find((tool) => tool.name === name),
      single: single.find((tool) => tool.name === name),
    };
    await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot(`surface/${name}.json`);
  });
});
