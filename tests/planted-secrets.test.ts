import { describe, expect, it } from 'vitest';
import { areas, loadArea } from './support/examples.js';
import { tellArea } from './support/secrets/tell-area.js';
import { builtServer } from './support/session.js';

describe.concurrent('secrets that are planted in the settings, arguments, answers, errors and texts of clusters', () => {
  it.each(areas.map((name, index) => [name, index] as const))(
    '%s: nothing of them leaves',
    async (name, index) => {
      const area = await loadArea(name);
      const { leaks, figures, failed } = await tellArea({
        server: builtServer,
        name,
        area,
        seed: 100 + index,
        obstacles: 1,
      });
      expect(leaks).toEqual([]);
      expect(figures.bytes).toBeGreaterThan(10_000);
      // Else what is searched are answers that say nothing.
      expect(failed.length, failed.join('\n')).toBeLessThan(area.calls.length / 2);
    },
    600_000,
  );
});
