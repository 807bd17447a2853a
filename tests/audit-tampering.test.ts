import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { rotatedFiles } from '../src/client/audit/chain-files.js';
import { verifyChain } from '../src/client/audit/verify-chain.js';
import { newAuditFile, writeChain } from './support/audit-file.js';

const count = 24;
const texts = Array.from({ length: count }, (_, index) => `call ${index} of größe ${index * 7}`);
const copy = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-audit-')), 'copy');
let whole: Buffer;
let last = '';

beforeAll(async () => {
  const file = newAuditFile();
  await writeChain(file, texts.slice(0, 9));
  // As a crash leaves it.
  appendFileSync(file, '{"seq":10,"prev":"');
  await writeChain(file, texts.slice(9));
  whole = readFileSync(file);
  last = (await verifyChain({ files: [file] })).last.hash;
});

const linesOf = (bytes: Buffer) => bytes.toString('latin1').split(/(?<=\n)/);
const joined = (lines: readonly string[]) => Buffer.from(lines.join(''), 'latin1');

const torn = 10;
// With the piece, and the line that tells of it.
const total = count + 2;
const line = fc.nat({ max: total - 1 });

const changed = fc.oneof(
  fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat({ max: 255 })).map(([at, byte]) => {
    return (bytes: Buffer) => {
      const other = Buffer.from(bytes);
      other[Math.floor(at * bytes.length)] = byte;
      return other;
    };
  }),
  line.map((one) => (bytes: Buffer) => joined(linesOf(bytes).toSpliced(one, 1))),
  fc.tuple(line, line).map(([one, two]) => (bytes: Buffer) => {
    const lines = linesOf(bytes);
    return joined(lines.with(one, lines[two] ?? '').with(two, lines[one] ?? ''));
  }),
  fc.tuple(line, fc.nat({ max: total })).map(([one, at]) => (bytes: Buffer) => {
    const lines = linesOf(bytes);
    return joined(lines.toSpliced(at, 0, lines[one] ?? ''));
  }),
  fc.tuple(fc.string({ unit: 'binary-ascii' }), fc.nat({ max: total })).map(([text, at]) => (bytes: Buffer) => {
    return joined(linesOf(bytes).toSpliced(at, 0, `${text.replaceAll('\n', ' ')}\n`));
  }),
  fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.string({ minLength: 1 }))
    .map(([at, text]) => (bytes: Buffer) => {
      const place = Math.floor(at * bytes.length);
      return Buffer.concat([bytes.subarray(0, place), Buffer.from(text), bytes.subarray(place)]);
    }),
  fc
    .double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    .map((at) => (bytes: Buffer) => bytes.subarray(0, Math.floor(at * bytes.length))),
);

/** The first line that is not as it was, from 1 on; `undefined` where only lines at the end are gone. */
function firstDifference(now: Buffer): number | undefined {
  const before = linesOf(whole);
  const after = now.length === 0 ? [] : linesOf(now);
  const index = after.findIndex((text, at) => text !== before[at]);
  return index < 0 ? undefined : index + 1;
}

it('finds whatever was changed, at the first place', async () => {
  expect((await verifyChain({ files: [copyOf(whole)], expect: last })).broken).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(changed, async (change) => {
      const now = change(whole);
      fc.pre(!now.equals(whole));
      const { broken, expected } = await verifyChain({ files: [copyOf(now)], expect: last });
      const first = firstDifference(now);
      // A chain that was only cut is whole as far as it goes, and the hash that was kept is not in it.
      if (first === undefined)
        expect([broken?.line ?? 'none', expected]).toEqual([
          broken === undefined ? 'none' : linesOf(now).length,
          false,
        ]);
      // What a crash left is vouched for by the line after it alone, so it is the first that nothing vouches for.
      else expect(broken?.line).toBe(first === torn + 1 ? torn : first);
    }),
    { numRuns: 3000 },
  );
});

it('finds it across files that were put aside, in which file it is', async () => {
  const file = newAuditFile();
  await writeChain(file, texts, 700);
  const files = [...rotatedFiles(file), file];
  expect(files.length).toBeGreaterThan(5);
  expect(await verifyChain({ files })).toMatchObject({ whole: count, broken: undefined });
  for (const [index, one] of files.entries()) {
    const bytes = readFileSync(one);
    const other = Buffer.from(bytes);
    other[60] = (other[60] ?? 0) ^ 1;
    writeFileSync(one, other);
    expect((await verifyChain({ files })).broken).toMatchObject({ file: one, line: 1 });
    writeFileSync(one, bytes);
    const without = files.filter((other) => other !== one);
    const { broken } = await verifyChain({ files: without });
    if (index < files.length - 1) expect(broken).toMatchObject({ file: files[index + 1], line: 1 });
  }
});

it('is one chain when several write at once and put full files aside', async () => {
  const file = newAuditFile();
  const many = Array.from({ length: 40 }, (_, index) => `call ${index}`);
  await Promise.all([1, 2, 3, 4].map(() => writeChain(file, many, 5000)));
  const files = [...rotatedFiles(file), file];
  expect(files.length).toBeGreaterThan(5);
  expect(await verifyChain({ files })).toMatchObject({ whole: 160, broken: undefined });
});

function copyOf(bytes: Buffer): string {
  writeFileSync(copy, bytes);
  return copy;
}
