import type { ConfigFault } from './cluster-config.js';

/** The environment gives no usable configuration; the message has one line for each fault. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** Everything that is wrong, in the order in which the variables are read. */
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map((fault) => fault.message).join('\n'));
    this.faults = faults;
  }
}
