import { attempt } from '../../pve/attempt.js';
import { quoted, toWord } from '../../pve/quoted.js';
import type { Side } from '../define.js';
import { Refused } from '../refused.js';
import type { copyCalls } from './copy-calls.js';
import { compareFields, type Difference, type Fields } from './difference.js';

export type CopyCall = Side<typeof copyCalls>['call'];

/** A cluster of a copy. */
export interface CopySide {
  readonly cluster: string;
  readonly call: CopyCall;
}

/** What a copy is asked for, and what it may say. */
export interface Copying {
  readonly name: string;
  readonly overwrite: boolean;
  /** A storage of the other cluster, for a backup job. */
  readonly targetStorage?: string | undefined;
  /** Nodes of the other cluster, for a storage. */
  readonly nodes?: string | undefined;
  readonly password?: string | undefined;
  readonly source: CopySide;
  readonly target: CopySide;
  note(text: string): void;
  outline(text: string): void;
  offerUndo(how: string): void;
  /** Says what does not come along, and why. */
  leaveOut(what: string): void;
  /** Says what was made beside the definition itself. */
  alsoMade(what: string): void;
}

/** A kind of definition; `D` is one as it is read. */
export interface Definition<D> {
  /** `security group`, ... */
  readonly label: string;
  /** Where one that is there cannot be made like the other: what to do instead. */
  readonly unchangeable?: string;
  read(side: CopySide, name: string): Promise<D | undefined>;
  fields(definition: D): Fields;
  /**
   * What shall be there: without what means nothing there.
   * @throws {Refused} {@link InvalidInput} where it cannot be
   */
  fit(definition: D, copying: Copying, there: D | undefined): Promise<D>;
  write(wanted: D, copying: Copying, there: D | undefined): Promise<void>;
}

export interface Copied {
  readonly created: boolean;
  readonly unchanged?: string;
  /** Whether it could be read back. */
  readonly checked: boolean;
  /** In what it differs from the original now. */
  readonly differs: readonly Omit<Difference, 'name'>[];
}

/** Reads both sides, decides, writes, and reads back. */
export async function copyDefinition<D>(kind: Definition<D>, copying: Copying): Promise<Copied> {
  const { source, target, name } = copying;
  const [found, there] = await Promise.all([kind.read(source, name), kind.read(target, name)]);
  if (found === undefined)
    throw new Refused(
      `${source.cluster} has no ${kind.label} '${name}', or its token may not see it`,
      'Call it by the name that it has there.',
    );
  const wanted = await kind.fit(found, copying, there);
  const changes = there && compareFields(kind.fields(wanted), kind.fields(there));
  if (changes?.length === 0) {
    const differs = compareFields(kind.fields(found), kind.fields(wanted));
    return { created: false, unchanged: 'it is there, and like this', checked: true, differs };
  }
  if (changes !== undefined) decideOverwrite(kind, copying, changes);
  await kind.write(wanted, copying, there);
  const after = await attempt(kind.read(target, name));
  const now = 'error' in after ? undefined : after.value;
  return {
    created: there === undefined,
    checked: now !== undefined,
    differs: now === undefined ? [] : compareFields(kind.fields(found), kind.fields(now)),
  };
}

/** Settings are called as the cluster has them, some by us. */
const settingName = (key: string) => (/^[A-Za-z ]{1,40}$/.test(key) ? key : toWord(key));

function decideOverwrite(
  { label, unchangeable }: Pick<Definition<unknown>, 'label' | 'unchangeable'>,
  { name, overwrite, source, target, outline }: Copying,
  changes: readonly Omit<Difference, 'name'>[],
): void {
  const keys = changes.map(({ key = '' }) => settingName(key)).join(', ');
  const what = `${target.cluster} has a ${label} '${name}' of its own, which differs in ${keys}`;
  if (unchangeable !== undefined) throw new Refused(what, unchangeable);
  if (!overwrite)
    throw new Refused(what, `Set 'overwrite' to make it like that of ${source.cluster}; the plan shows what is lost.`);
  const shown = (value: string | readonly string[] | undefined) =>
    quoted(typeof value === 'string' ? value : (value?.join(', ') ?? 'nothing'), 400);
  for (const { key = '', source: wanted, target: before } of changes)
    outline(`On ${target.cluster} now, ${settingName(key)}: ${shown(before)}; as wanted: ${shown(wanted)}.`);
}
