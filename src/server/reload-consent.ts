import { askInLine } from '../client/ask-in-line.js';
import { describeNotConfirmed, NotConfirmedError } from '../client/not-confirmed.js';
import { ProgressReport } from '../client/progress.js';
import type { Question } from '../client/question.js';
import { quotedText, wholeQuestion } from '../client/question-text.js';
import type { Turns } from '../client/turns.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Clock } from '../pve/clock.js';
import type { ErrorText } from '../tools/error-text.js';
import type { ServiceCall } from './mcp-server.js';
import { type RuleChange, ruleChanges } from './rule-changes.js';

/**
 * Looks at the configuration in force and the one that is to take its place, right before it does.
 * @throws where it may not
 */
export type Agree = (before: ClusterRegistryConfig, after: ClusterRegistryConfig) => void;

/** A call that has the configuration read again, and how that is done. */
export interface ReloadCall extends ServiceCall {
  readonly clock: Clock;
  readonly turns: Turns;
  /** In force; `undefined` while none is. */
  readonly current: ClusterRegistryConfig | undefined;
  /** What would take its place; `undefined` where it is not right. */
  next(): Promise<ClusterRegistryConfig | undefined>;
}

const isHeld = ({ confirm = 'argument' }: ClusterRegistryConfig) => confirm !== 'argument';

/**
 * Where a person confirms what is done, he does so for what would bind the program less or otherwise, too: else it could
 * write the settings and have them read. `undefined` where nobody is to be asked.
 * @throws {NotConfirmedError}
 */
export async function reloadConsent({ current, ...call }: ReloadCall): Promise<Agree | undefined> {
  if (current === undefined || !isHeld(current)) return undefined;
  const next = await call.next();
  const agreed = next === undefined ? [] : ruleChanges(current, next);
  if (agreed.length > 0) await confirmChanges(agreed, call);
  return (before, after) => {
    const now = isHeld(before) ? ruleChanges(before, after) : [];
    if (now.length > 0 && JSON.stringify(now) !== JSON.stringify(agreed))
      throw new NotConfirmedError('changed', namesOf(now));
  };
}

const namesOf = (changes: readonly RuleChange[]) => changes.map(({ name }) => name);

async function confirmChanges(changes: readonly RuleChange[], call: Omit<ReloadCall, 'current'>): Promise<void> {
  const { ask, clock, turns, signal, onProgress } = call;
  if (ask === undefined) throw new NotConfirmedError('cannot ask', namesOf(changes));
  const tell = new ProgressReport(onProgress).of('all');
  await askInLine(turns, questionOf(changes), { ask, clock, signal, tell });
}

function questionOf(changes: readonly RuleChange[]): Question {
  // In full: what was cut might be what is other.
  const value = (text: string | undefined) =>
    text === undefined ? 'not set' : quotedText(text, Number.MAX_SAFE_INTEGER);
  const lines = [
    'A program asks to have the settings of this server read again, and with them what it may do. Nothing changes without your yes.',
    '',
    'Reload configuration (proxmox-reload-configuration)',
    ...changes.map(
      ({ name, before, after }) => `${quotedText(name, Number.MAX_SAFE_INTEGER)}: ${value(before)} -> ${value(after)}`,
    ),
  ];
  return { text: wholeQuestion(lines, namesOf(changes)), tick: 'Reload configuration: do it' };
}

const byTheUser = 'Tell the user: he has to start this server again, or send it SIGHUP, to change what is listed.';
const nexts: Readonly<Record<string, string>> = {
  CANNOT_ASK: byTheUser,
  TOO_MUCH_TO_ASK: byTheUser,
  PLAN_CHANGED:
    'The settings file was changed meanwhile. Call again if it is still meant: the person is then asked anew.',
};

export function describeUnchanged(error: NotConfirmedError): ErrorText {
  const told = describeNotConfirmed(error);
  const message = told.message.replace('nothing was sent', 'nothing was changed');
  return { ...told, message, next: nexts[told.code] ?? told.next };
}
