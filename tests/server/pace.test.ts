import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { inAll } from '../../src/client/places.js';
import { LineTransport } from '../../src/server/line-transport.js';
import { mostInHand, Pace } from '../../src/server/pace.js';

it('lets every call through that may be under way', () => {
  expect(mostInHand).toBeGreaterThan(inAll.calls);
});

it('ends its messages when what it reads from breaks', async () => {
  const input = new PassThrough();
  const messages = new Pace(new PassThrough()).of(input);
  const ended = new Promise<void>((resolve) => messages.once('end', resolve));
  messages.resume();
  input.destroy(new Error('EIO'));
  await ended;
});

it('reads a long line that comes byte by byte, without a piece of memory for each', async () => {
  const input = new PassThrough();
  const taken: unknown[] = [];
  const check = (value: unknown) => {
    taken.push(value);
    return undefined;
  };
  const transport = new LineTransport(input, new PassThrough(), { check, toText: JSON.stringify });
  await transport.start();
  const text = Array.from({ length: 300_000 }, (_, index) => 'abcdefghij'[index % 10]).join('');
  for (const byte of Buffer.from(JSON.stringify(text))) input.emit('data', Buffer.from([byte]));
  input.emit('data', Buffer.from('\n'));
  expect(taken).toEqual([text]);
});
