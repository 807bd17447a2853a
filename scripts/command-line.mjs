// What the scripts of a long run are given. `--help` and whatever one does not know are answered with its usage.
import { parseArgs } from 'node:util';

/** Says how it is called, and ends with exit code 2. */
export function failWithUsage(usage) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}

/** The options and the other words of the command line; `options` as `parseArgs` takes them. */
export function argumentsGiven(usage, options = {}) {
  try {
    const { values, positionals } = parseArgs({
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help !== true) return { values, words: positionals };
  } catch {
    failWithUsage(usage);
  }
  console.log(`usage: ${usage}`);
  process.exit(0);
}

/** The whole numbers of the command line; those that were not given are these. */
export function numbersGiven(usage, defaults) {
  const given = argumentsGiven(usage).words.map(Number);
  if (given.length > defaults.length || !given.every((number) => Number.isSafeInteger(number) && number > 0))
    failWithUsage(usage);
  return defaults.map((number, at) => given[at] ?? number);
}
