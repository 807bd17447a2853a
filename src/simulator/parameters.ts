import { formatFault } from './parameter-format.js';
import type { PveVersion } from './state.js';

export interface ParameterSpec {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  readonly optional?: boolean;
  readonly enum?: readonly string[] | PerVersion;
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** A named format, or the keys of a property string (`key=value,key=value`). */
  readonly format?: string | PropertyFormat;
  readonly requires?: string;
  readonly items?: ParameterSpec;
  /** First version that knows it. */
  readonly since?: PveVersion;
  /** Last version that knows it. */
  readonly until?: PveVersion;
}

export interface PropertySpec extends ParameterSpec {
  readonly defaultKey?: boolean;
  /** The key that this one is another name of. */
  readonly alias?: string;
  /** The key whose value is this key's own name: `virtio=<mac>` is `model=virtio,macaddr=<mac>`. */
  readonly keyAlias?: string;
}

export type PropertyFormat = Readonly<Record<string, PropertySpec>>;

/** Keys are parameter names; `net[n]` stands for net0, net1 ... */
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

export function knownIn(spec: ParameterSpec, version: PveVersion): boolean {
  if (spec.since !== undefined && version < spec.since) return false;
  return spec.until === undefined || version <= spec.until;
}

type PerVersion = Readonly<Record<PveVersion, readonly string[]>>;

function isPerVersion(values: readonly string[] | PerVersion): values is PerVersion {
  return !Array.isArray(values);
}

export function enumOf(spec: ParameterSpec, version: PveVersion): readonly string[] | undefined {
  if (spec.enum === undefined) return undefined;
  return isPerVersion(spec.enum) ? spec.enum[version] : spec.enum;
}

function typeFault(type: ParameterSpec['type'], value: string): string | undefined {
  const fits =
    type === 'integer'
      ? /^[+-]?\d+$/.test(value)
      : type === 'number'
        ? /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(value)
        : type === 'boolean'
          ? /^[01]$/.test(value)
          : true;
  return fits ? undefined : `type check ('${type}') failed - got '${value}'`;
}

function rangeFault(spec: ParameterSpec, value: string): string | undefined {
  const numeric = spec.type === 'integer' || spec.type === 'number';
  if (numeric && spec.min !== undefined && Number(value) < spec.min)
    return `value must have a minimum value of ${spec.min}`;
  if (numeric && spec.max !== undefined && Number(value) > spec.max)
    return `value must have a maximum value of ${spec.max}`;
  if (spec.minLength !== undefined && value.length < spec.minLength) {
    return `value must be at least ${spec.minLength} characters long`;
  }
  if (spec.maxLength !== undefined && value.length > spec.maxLength) {
    return `value may only be ${spec.maxLength} characters long`;
  }
  return undefined;
}

/** Inside property strings a boolean has more spellings than as a parameter. */
function propertyFault(spec: PropertySpec, value: string, version: PveVersion): string | undefined {
  if (spec.type === 'boolean' && /^(on|off|yes|no|true|false)$/i.test(value)) return undefined;
  return valueFault(spec, value, version);
}

function propertyStringFault(format: PropertyFormat, value: string, version: PveVersion): string | undefined {
  const defaultKey = Object.keys(format).find((key) => format[key]?.defaultKey === true);
  const given = new Set<string>();
  for (const part of value.split(',')) {
    const cut = part.indexOf('=');
    const key = cut < 0 ? defaultKey : part.slice(0, cut);
    const named = key === undefined ? undefined : format[key];
    if (key === undefined) return `value without key, but schema does not define a default key`;
    const target = named?.alias ?? key;
    const spec = format[target] ?? named;
    if (named === undefined || spec === undefined || !knownIn(named, version)) {
      return `format error\\n${key}: property is not defined in schema and the schema does not allow additional properties`;
    }
    if (given.has(target)) return `duplicate key in comma-separated list property: ${target}`;
    given.add(target);
    if (named.keyAlias !== undefined) given.add(named.keyAlias);
    const fault = propertyFault(spec, cut < 0 ? part : part.slice(cut + 1), version);
    if (fault !== undefined) return `format error\\n${target}: ${fault}`;
  }
  const missing = Object.keys(format).find((key) => {
    const spec = format[key];
    return spec !== undefined && spec.optional !== true && !given.has(key);
  });
  return missing === undefined ? undefined : `format error\\n${missing}: property is missing and it is not optional`;
}

/** The text a real server gives for a value it refuses, or undefined. */
export function valueFault(spec: ParameterSpec, value: string, version: PveVersion): string | undefined {
  const fault = typeFault(spec.type, value) ?? rangeFault(spec, value);
  if (fault !== undefined) return fault;
  if (spec.pattern !== undefined && !new RegExp(`^(?:${spec.pattern})$`).test(value)) {
    return 'value does not match the regex pattern';
  }
  const values = enumOf(spec, version);
  if (values !== undefined && !values.includes(value)) {
    return `value '${value}' does not have a value in the enumeration '${values.join(', ')}'`;
  }
  if (spec.format === undefined) return undefined;
  const wrong =
    typeof spec.format === 'string'
      ? formatFault(spec.format, value)
      : propertyStringFault(spec.format, value, version);
  return wrong === undefined ? undefined : `invalid format - ${wrong}\n`;
}

/** The declaration of a parameter, indexed ones (`net[n]`) included. */
export function specOf(specs: ParameterSpecs, name: string, version: PveVersion): ParameterSpec | undefined {
  const indexed = /^(.*\D)\d{1,3}$/.exec(name);
  const spec = specs[name] ?? (indexed === null ? undefined : specs[`${indexed[1]}[n]`]);
  return spec !== undefined && knownIn(spec, version) ? spec : undefined;
}
