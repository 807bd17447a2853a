import { parseArguments } from '../client/input.js';
import { NotConfirmedError } from '../client/not-confirmed.js';
import type { ConfigFault } from '../config/cluster-config.js';
import reloadConfiguration from '../tools/clusters/reload-configuration.js';
import { errorAnswer, outcomeAnswer, type ToolAnswer, textAnswer } from './answer.js';
import { presentError } from './present.js';
import { type Agree, describeUnchanged, type ReloadCall, reloadConsent } from './reload-consent.js';

/** What reading the configuration again gave. */
export type Reload =
  | { readonly ok: true; readonly result: Record<string, unknown> }
  | {
      readonly ok: false;
      readonly faults: readonly ConfigFault[];
      readonly searched: readonly string[];
      /** Whether there was a configuration before, which stays. */
      readonly kept: boolean;
    };

const [tool] = reloadConfiguration;

/** Runs the tool, whose work is the server's own and no cluster's. */
export async function reloadAnswer(
  args: unknown,
  call: ReloadCall,
  reload: (agree?: Agree) => Promise<Reload>,
): Promise<ToolAnswer> {
  try {
    if (tool !== undefined) parseArguments(tool, args);
    const told = await reload(await reloadConsent(call));
    if (!told.ok) return textAnswer({ error: refusal(told) });
    const entry = { cluster: 'all', body: { kind: 'result', result: told.result } } as const;
    const outcome = { cluster: 'all', via: 'all', many: false, mark: '', continued: false, limit: 1 } as const;
    return outcomeAnswer({ ...outcome, entries: [entry] }, () => undefined);
  } catch (error) {
    if (error instanceof NotConfirmedError) return textAnswer({ error: presentError(describeUnchanged(error)) });
    return errorAnswer(error);
  }
}

function refusal({ faults, searched, kept }: Extract<Reload, { ok: false }>) {
  return {
    code: 'CONFIGURATION_REFUSED',
    message: kept
      ? 'The new configuration is not right, so the one before stays in force, all of it.'
      : 'The configuration is not right yet: nothing can be done.',
    next: 'Tell the user what is listed; when it is mended, call again.',
    faults,
    files_searched: searched,
  };
}
