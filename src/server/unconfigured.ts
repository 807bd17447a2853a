import { describeError } from '../client/describe-error.js';
import type { ConfigFault } from '../config/cluster-config.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { type ToolAnswer, textAnswer } from './answer.js';

/** What every tool answers while the configuration is not right: all that is wrong, and where it was looked for. */
export function unconfigured(faults: readonly ConfigFault[], searched: readonly string[]): ToolAnswer {
  const error = { ...describeError(new ConfigurationError(faults)), files_searched: searched };
  return textAnswer({ error });
}
