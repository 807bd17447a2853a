import { knownIn, type ParameterSpec, type ParameterSpecs, specOf, valueFault } from './parameters.js';
import { parameterError } from './pve-error.js';
import type { PveVersion } from './state.js';

export type RawParameters = ReadonlyMap<string, readonly string[]>;

/** The verified parameters of one call. */
export class Arguments {
  readonly #values: RawParameters;

  constructor(values: RawParameters) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new Error(`the route of this handler does not require '${name}'`);
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  integer(name: string): number {
    return Number(this.text(name));
  }

  optionalInteger(name: string): number | undefined {
    const value = this.optionalText(name);
    return value === undefined ? undefined : Number(value);
  }

  flag(name: string): boolean {
    return this.optionalText(name) === '1';
  }

  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

function faultOf(spec: ParameterSpec, values: readonly string[], version: PveVersion): string | undefined {
  if (spec.type !== 'array') {
    if (values.length > 1) return `type check ('${spec.type}') failed - got 'ARRAY'`;
    return valueFault(spec, values[0] ?? '', version);
  }
  for (const value of values) {
    const fault = valueFault(spec.items ?? { type: 'string' }, value, version);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Holds what was sent against what a route declares; throws the 400 of a real server. */
export function verifyArguments(specs: ParameterSpecs, raw: RawParameters, version: PveVersion): Arguments {
  const errors: Record<string, string> = {};
  for (const [name, values] of raw) {
    const spec = specOf(specs, name, version);
    const fault =
      spec === undefined
        ? 'property is not defined in schema and the schema does not allow additional properties'
        : faultOf(spec, values, version);
    if (fault !== undefined) errors[name] = fault;
    else if (spec?.requires !== undefined && !raw.has(spec.requires)) {
      errors[spec.requires] = `missing property required by '${name}'`;
    }
  }
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.optional === true || name.endsWith('[n]') || !knownIn(spec, version) || raw.has(name)) continue;
    errors[name] = 'property is missing and it is not optional';
  }
  if (Object.keys(errors).length > 0) throw parameterError(errors);
  return new Arguments(raw);
}
