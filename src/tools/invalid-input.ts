/** Arguments that are each well-formed and cannot be used together, or not here; nothing was changed. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly faults: readonly { readonly argument: string; readonly message: string }[];
  constructor(...faults: readonly { readonly argument: string; readonly message: string }[]) {
    super(faults.map(({ argument, message }) => `${argument}: ${message}`).join('; '));
    this.faults = faults;
  }
}
