import { describe, expect, it } from 'vitest';
import { inTurns } from '../../src/pve/attempt.js';
import { ConnectionError } from '../../src/pve/errors.js';
import { settle } from '../../src/pve/settle.js';

const refused = () =>
  new ConnectionError(
    { cluster: 'a', method: 'GET', path: '/nodes' },
    'https://a:8006',
    'ECONNREFUSED',
    false,
    'refused',
  );
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('requests for many keys', () => {
  it('run at most 8 at a time and come back in the order of the keys', async () => {
    let running = 0;
    let most = 0;
    const keys = Array.from({ length: 50 }, (_, at) => at);
    const results = await inTurns(keys, async (key) => {
      running += 1;
      most = Math.max(most, running);
      for (let turns = key % 3; turns >= 0; turns -= 1) await turn();
      running -= 1;
      return key * 2;
    });
    expect(most).toBe(8);
    expect(results).toEqual(keys.map((key) => key * 2));
    expect(await inTurns([], async () => 1)).toEqual([]);
  });

  it('may fail one by one, each with a reason in none of the words of the server', async () => {
    const { values, failed } = await settle([1, 2, 3], async (key) => {
      if (key === 2) throw refused();
      return `value ${key}`;
    });
    expect(values).toEqual([
      { key: 1, value: 'value 1' },
      { key: 3, value: 'value 3' },
    ]);
    expect(failed).toMatchObject([{ key: 2, reason: 'could not be reached' }]);
  });

  it('fail as a whole when none went well, and at once for what is no failure of a request', async () => {
    await expect(settle([1, 2], () => Promise.reject(refused()))).rejects.toBeInstanceOf(ConnectionError);
    const bug = new TypeError('a bug');
    await expect(settle([1, 2], async (key) => (key === 1 ? Promise.reject(bug) : key))).rejects.toBe(bug);
    expect(await settle([], async () => 1)).toEqual({ values: [], failed: [] });
  });
});
