/** `virtio=BC:24:11:00:00:01,bridge=vmbr0`, taken apart; what stands without a key has the default key. */
export type Properties = ReadonlyMap<string, string>;

/** The parts of a property string, in their order. */
export function parseProperties(written: string, defaultKey: string): Properties {
  return new Map(
    written
      .split(',')
      .filter((part) => part !== '')
      .map((part): [string, string] => {
        const at = part.indexOf('=');
        return at < 0 ? [defaultKey, part] : [part.slice(0, at), part.slice(at + 1)];
      }),
  );
}

/** Proxmox's own reading of a boolean inside a property string (JSONSchema.pm, parse_boolean); `undefined` where it is none. */
export function propertyFlag(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(1|on|yes|true)$/i.test(value)) return true;
  return /^(0|off|no|false)$/i.test(value) ? false : undefined;
}
