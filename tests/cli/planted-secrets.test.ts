import { expect, it } from 'vitest';
import { tellCommands } from '../support/secrets/tell-commands.js';
import { builtServer } from '../support/session.js';

it('no command gives away a secret, whatever is wrong with the settings, the keys and the clusters', async () => {
  const { leaks, figures, endings } = await tellCommands(builtServer, 7);
  expect(leaks).toEqual([]);
  expect(figures.commands).toBeGreaterThan(80);
  expect(endings.get('rotate-key with the right key')).toBe(0);
  expect(endings.get('rotate-key with a wrong key')).not.toBe(0);
  expect(endings.get('doctor {"kind":"faithful"}')).toBeLessThan(2);
}, 600_000);
