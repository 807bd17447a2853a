import type { Clock } from '../pve/clock.js';
import type { UploadFile } from '../pve/upload.js';
import type { Tell } from './progress.js';

/** Milliseconds. */
const between = 1000;

/** The file with its progress told once a second while it is read: how much, of how much, how fast. */
export const toldOf =
  (clock: Clock, tell: Tell, verb: string) =>
  <F extends UploadFile>(file: F): F => ({
    ...file,
    async *open() {
      const began = clock.now();
      let last = began;
      let done = 0;
      for await (const piece of file.open()) {
        yield piece;
        done += piece.length;
        const now = clock.now();
        if (now - last < between) continue;
        last = now;
        await tell((100 * done) / file.size, 100, inWords(done, now - began));
      }
      await tell(100, 100, inWords(done, clock.now() - began));

      function inWords(bytes: number, ms: number): string {
        const speed = inUnits(bytes / (Math.max(1, ms) / 1000));
        return `${file.name}: ${inUnits(bytes)} of ${inUnits(file.size)} ${verb}, ${speed}/s`;
      }
    },
  });

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function inUnits(bytes: number): string {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = bytes / 1024 ** step;
  return `${value.toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
