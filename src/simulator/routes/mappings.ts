import { died, forbidden } from '../pve-error.js';
import type { Call } from '../route.js';
import { type SectionFile, sectionHandlers } from '../sections.js';
import type { Handler } from './declaration.js';

type Kind = 'pci' | 'usb';

function keyOf(entry: string, key: string): string | undefined {
  return entry
    .split(',')
    .find((part) => part.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}

function entriesOf(settings: { readonly map?: unknown }): string[] {
  return Array.isArray(settings.map) ? settings.map.map(String) : [];
}

function mappingFile(kind: Kind): SectionFile {
  return {
    key: 'id',
    of: ({ cluster }) => cluster.state.configuration[kind === 'pci' ? 'pciMappings' : 'usbMappings'],
    missing: (id) => `mapping '${id}' not found on cluster`,
    existing: (id) => `${kind} ID '${id}' already defined`,
    without: ['check-node'],
    visible: ({ caller }, { id }) =>
      caller.permissions.hasAny(`/mapping/${kind}/${id}`, ['Mapping.Modify', 'Mapping.Use', 'Mapping.Audit']),
    row: ({ params }, { settings }) => {
      const node = params.optionalText('check-node');
      const here = entriesOf(settings).some((entry) => keyOf(entry, 'node') === node);
      const message = `No mapping for node ${node}.`;
      return node === undefined ? {} : { checks: here ? [] : [{ severity: 'warning', message }] };
    },
    check: (call, settings) => {
      const nodes = entriesOf(settings).map((entry) => keyOf(entry, 'node'));
      const unknown = nodes.find((node) => !call.cluster.state.nodes.some((one) => one.node === node));
      if (nodes.length > 0 && unknown !== undefined) throw died(`node '${unknown}' does not exist`);
    },
    checkDelete: (call, id) => requireModify(call, kind, id),
  };
}

function requireModify({ caller }: Call, kind: Kind, id: string): void {
  const path = `/mapping/${kind}/${id}`;
  if (!caller.permissions.has(path, 'Mapping.Modify')) throw forbidden(`${path}, Mapping.Modify`);
}

export function mappingHandlers(kind: Kind): Record<string, Handler> {
  const { list, create, read, update, remove } = sectionHandlers(mappingFile(kind));
  const path = `/cluster/mapping/${kind}`;
  return {
    [`GET ${path}`]: list,
    [`POST ${path}`]: create,
    [`GET ${path}/{id}`]: read,
    [`PUT ${path}/{id}`]: update,
    [`DELETE ${path}/{id}`]: remove,
  };
}
