import type { ConfigFault } from '../config/cluster-config.js';
import { parseEnvFile } from './env-file.js';

/** What a file of settings sets, and what is wrong with its lines. */
export interface ReadLines {
  readonly settings: Readonly<Record<string, string>>;
  readonly faults: readonly ConfigFault[];
  readonly warnings: readonly ConfigFault[];
}

/** A line that begins with a setting's name, as shells and editors of texts have it too. */
const begins =
  /^\s*(?:(?:export|set|setx|setenv|declare|typeset|env|let|const|var)\s+(?:-\w+\s+)*|\$env:|[-*]\s+)?["'\u0060\u2018-\u201f\u00ab]*(PROXMOX_[\w-]*)/i;

interface Line {
  readonly name: string;
  readonly number: number;
  /** What it and those after it say, until the next that begins with a name; nothing where it is not read. */
  readonly value: string | undefined;
}

/**
 * Tells of lines that were to set something and do not: skipped by the parser, swallowed by an open quote, or overruled later.
 * @param isRule whether a setting keeps something from being done
 */
export function readLines(file: string, content: string, isRule: (name: string) => boolean): ReadLines {
  const place = (number: number) => `line ${number} of '${file}'`;
  const settings = parseEnvFile(content);
  if (/P\0R\0O\0X/i.test(content)) {
    const message = `the file of settings '${file}' is in UTF-16: save it as UTF-8`;
    return { settings, faults: [{ variable: 'PROXMOX_ENV_FILE', message }], warnings: [] };
  }
  const lines = linesOf(content);
  const faults: ConfigFault[] = [];
  const warnings: ConfigFault[] = [];
  for (const [index, { name, number, value }] of lines.entries()) {
    const isSet = Object.hasOwn(settings, name);
    if (value === undefined && !(isSet && isExport(content, number)))
      faults.push({ variable: name, message: `${name} is not set by ${place(number)}: write ${name}=value` });
    if (value !== undefined && !isSet) {
      const message = `${name} is not set by ${place(number)}, which lies within the value of another: close its quotes`;
      faults.push({ variable: name, message });
    }
    const later = lines.slice(index + 1).find((one) => one.name === name && one.value !== undefined);
    if (!value || later === undefined || later.value === value) continue;
    const message = `${name} is set by ${place(number)} and otherwise by line ${later.number}: keep one of the two`;
    (isRule(name) ? faults : warnings).push({ variable: name, message });
  }
  return { settings, faults, warnings };
}

function linesOf(content: string): readonly Line[] {
  const texts = content.split(/\r\n?|\n/);
  const starts = texts.flatMap((text, at) => {
    const name = begins.exec(text)?.[1];
    return name === undefined ? [] : [{ name, at }];
  });
  return starts.map(({ name, at }, index) => {
    const own = parseEnvFile(texts.slice(at, starts[index + 1]?.at).join('\n'));
    return { name, number: at + 1, value: Object.hasOwn(own, name) ? own[name] : undefined };
  });
}

/** A shell's `export NAME` of what another line has set. */
const isExport = (content: string, number: number): boolean =>
  /^\s*export\s+[\w\s-]+$/.test(content.split(/\r\n?|\n/)[number - 1] ?? '');
