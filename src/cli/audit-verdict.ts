import type { LinePlace, Verdict } from '../client/audit/verify-chain.js';
import { cleanText } from '../pve/clean-text.js';
import { counted } from './doctor-finding.js';

export const isWhole = ({ broken, expected }: Verdict): boolean => broken === undefined && expected !== false;

/** What `audit verify` says. */
export function verdictText(verdict: Verdict): string {
  const { whole, from, to, last, broken, gaps, unended, torn, expected } = verdict;
  const span = whole === 0 ? '' : `, from ${from} to ${to}`;
  const verb = whole === 1 ? 'is' : 'are';
  const maybe = gaps.length > 0 ? 'killed, still under way, or its end is in a gap' : 'killed, or still under way';
  return [
    ...(broken === undefined
      ? [`${counted(whole, 'line')} ${verb} whole${span}.`]
      : [
          `BROKEN at ${place(broken)} (${broken.differs}): ${broken.problem}.`,
          `${counted(whole, 'line')} before it ${verb} whole${span}.`,
        ]),
    ...gaps.map(
      ({ lines, sent, since, until, reason, ...at }) =>
        `GAP, as ${place(at)} says: ${counted(lines, 'line')} could not be written (${reason}), from ${since} to ${until}; ` +
        (sent > 0
          ? `${sent} of them ${sent === 1 ? 'is a request that was' : 'are requests that were'} sent nevertheless.`
          : 'nothing was sent that is not written down.'),
    ),
    ...torn.map((one) => `Torn by a crash: ${place(one)}, ${one.bytes} bytes.`),
    ...unended.flatMap((one) => [
      `Begun and not ended (${maybe}): ${place(one)}, ${one.time}, ${one.tool} on ${one.clusters.join(', ')}`,
      ...one.requests.map((request) => `  ${request}`),
    ]),
    ...(expected === undefined ? [] : [expected ? 'The expected hash is there.' : 'The expected hash is NOT there.']),
    `Last hash: ${last.hash}`,
    'Keep it where this machine cannot change it: --expect with it finds a chain that was cut or made anew.',
  ]
    .map(plain)
    .join('\n');
}

/** A line has a right hash as soon as somebody makes one for it; this is a terminal. */
const plain = (line: string) => cleanText(line).replace(/[\n\t]/g, ' ');

const place = ({ file, line }: LinePlace) => `line ${line} of ${file}`;
