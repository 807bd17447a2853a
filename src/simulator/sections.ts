import { createHash } from 'node:crypto';
import type { Section, Settings, SettingValue } from './configuration-state.js';
import type { Json, JsonObject } from './json.js';
import { splitList } from './parameter-format.js';
import { type ParameterSpecs, specOf } from './parameters.js';
import { died, parameterError } from './pve-error.js';
import type { Call } from './route.js';
import type { Handler } from './routes/declaration.js';

export function digestOfJson(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('hex');
}

/** Two editors at once: the second one is told. */
export function requireDigest(call: Call, current: string): void {
  const sent = call.params.optionalText('digest');
  if (sent !== undefined && sent !== '' && sent !== current) {
    throw died('detected modified configuration - file changed by other user? Try again.');
  }
}

/** What was sent, typed as declared, without the named keys and those that steer the call itself. */
export function settingsOf(call: Call, specs: ParameterSpecs, without: readonly string[]): Settings {
  const settings: Settings = {};
  for (const name of call.params.names()) {
    if (name === 'digest' || name === 'delete' || without.includes(name)) continue;
    const spec = specOf(specs, name, call.cluster.state.version);
    settings[name] = typed(spec?.type, call.params.list(name));
  }
  return settings;
}

function typed(type: string | undefined, values: readonly string[]): SettingValue {
  const [first = ''] = values;
  if (type === 'array') return [...values];
  return type === 'integer' || type === 'boolean' || type === 'number' ? Number(first) : first;
}

export function deletedKeys(call: Call): string[] {
  // repeated or in one list: notifications take an array, all others a text
  return call.params.list('delete').flatMap(splitList);
}

/** Changes settings as a PUT does: what is sent is set, what `delete` names goes. */
export function changeSettings(
  call: Call,
  specs: ParameterSpecs,
  settings: Settings,
  without: readonly string[],
): void {
  const gone = deletedKeys(call);
  const sent = settingsOf(call, specs, without);
  const both = gone.find((key) => sent[key] !== undefined);
  if (both !== undefined) {
    throw parameterError({ delete: `unable to delete option '${both}' and set it in the same request` });
  }
  for (const key of gone) {
    if (specOf(specs, key, call.cluster.state.version) === undefined) {
      throw parameterError({ delete: `unknown option '${key}'` });
    }
    delete settings[key];
  }
  Object.assign(settings, sent);
}

export function jsonOf(value: SettingValue): Json {
  return typeof value === 'object' ? [...value] : value;
}

export function settingsRow(settings: Settings): JsonObject {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, jsonOf(value)]));
}

/** A configuration file of like sections, and how its API speaks of them. */
export interface SectionFile {
  readonly key: string;
  readonly of: (call: Call) => Section[];
  readonly missing: (id: string) => string;
  readonly existing: (id: string) => string;
  readonly visible?: (call: Call, section: Section) => boolean;
  readonly row?: (call: Call, section: Section) => JsonObject;
  /** Parameters that name the section or the place of the call. */
  readonly without?: readonly string[];
  /** Kept, but never shown again. */
  readonly secret?: readonly string[];
  readonly check?: (call: Call, settings: Settings, id: string) => void;
  readonly checkDelete?: (call: Call, id: string) => void;
}

export interface SectionHandlers {
  readonly list: Handler;
  readonly create: Handler;
  readonly read: Handler;
  readonly update: Handler;
  readonly remove: Handler;
}

export function sectionNamed(file: SectionFile, call: Call): Section {
  const id = call.params.text(file.key);
  const section = file.of(call).find((entry) => entry.id === id);
  if (section === undefined) throw died(file.missing(id));
  return section;
}

function rowOf(file: SectionFile, call: Call, section: Section): JsonObject {
  const shown = Object.entries(section.settings).filter(([key]) => file.secret?.includes(key) !== true);
  const row = { [file.key]: section.id, ...settingsRow(Object.fromEntries(shown)) };
  return { ...row, ...file.row?.(call, section), digest: digestOfJson(file.of(call)) };
}

/** The five usual calls on a configuration file. */
export function sectionHandlers(file: SectionFile): SectionHandlers {
  const without = [file.key, 'node', ...(file.without ?? [])];
  return {
    list: (call) =>
      file
        .of(call)
        .filter((section) => file.visible?.(call, section) !== false)
        .map((section) => rowOf(file, call, section)),
    create: (call, specs) => {
      const id = call.params.text(file.key);
      if (file.of(call).some((entry) => entry.id === id)) throw died(file.existing(id));
      const settings = settingsOf(call, specs, without);
      file.check?.(call, settings, id);
      file.of(call).push({ id, settings });
      return null;
    },
    read: (call) => rowOf(file, call, sectionNamed(file, call)),
    update: (call, specs) => {
      const section = sectionNamed(file, call);
      requireDigest(call, digestOfJson(file.of(call)));
      const changed = { ...section.settings };
      changeSettings(call, specs, changed, without);
      file.check?.(call, changed, section.id);
      section.settings = changed;
      return null;
    },
    remove: (call) => {
      const section = sectionNamed(file, call);
      file.checkDelete?.(call, section.id);
      const all = file.of(call);
      all.splice(all.indexOf(section), 1);
      return null;
    },
  };
}
