import type { Section } from '../configuration-state.js';
import type { JsonObject } from '../json.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import { digestOfJson, settingsRow } from '../sections.js';
import { node } from './common-parameters.js';

const mayUse = ['Mapping.Audit', 'Mapping.Use', 'Mapping.Modify'];

const builtin: readonly (readonly [string, string])[] = [
  ['x86-64-v2', 'default'],
  ['x86-64-v2-AES', 'default'],
  ['x86-64-v3', 'default'],
  ['x86-64-v4', 'default'],
  ['host', 'default'],
  ['max', 'default'],
  ['kvm64', 'default'],
  ['qemu64', 'default'],
  ['Cascadelake-Server-v5', 'GenuineIntel'],
  ['Icelake-Server', 'GenuineIntel'],
  ['Skylake-Server', 'GenuineIntel'],
  ['SapphireRapids', 'GenuineIntel'],
  ['EPYC', 'AuthenticAMD'],
  ['EPYC-Milan', 'AuthenticAMD'],
  ['EPYC-Genoa', 'AuthenticAMD'],
];

function modelRow(model: Section): JsonObject {
  return { cputype: model.id, ...settingsRow(model.settings) };
}

function visible({ cluster, caller }: Call): Section[] {
  const { cpuModels } = cluster.state.configuration;
  if (cluster.state.version === '8.4') {
    return caller.permissions.has('/nodes', 'Sys.Audit') ? cpuModels : [];
  }
  return cpuModels.filter((model) => caller.permissions.hasAny(`/mapping/cpu/${model.id}`, mayUse));
}

function cpus(call: Call) {
  const custom = visible(call).map((model) => ({
    name: `custom-${model.id}`,
    custom: 1,
    vendor: String(model.settings['reported-model'] ?? 'kvm64').startsWith('EPYC') ? 'AuthenticAMD' : 'default',
  }));
  return [...builtin.map(([name, vendor]) => ({ name, custom: 0, vendor })), ...custom];
}

function machines({ cluster }: Call) {
  const newer = cluster.state.version === '9.2';
  const versions = newer ? ['10.1', '10.0+pve1', '9.2+pve1', '9.0'] : ['9.2+pve1', '9.0', '8.1'];
  return ['i440fx', 'q35'].flatMap((type) =>
    versions.map((version) => ({ id: `pc-${type}-${version}`, type, version })),
  );
}

function oneModel(call: Call): JsonObject {
  const name = call.params.text('cputype').replace(/^custom-/, '');
  const model = call.cluster.state.configuration.cpuModels.find((entry) => entry.id === name);
  if (model === undefined) throw died(`Custom cputype '${name}' not found`);
  return { ...modelRow(model), digest: digestOfJson(model.settings) };
}

const arch = { type: 'string', optional: true, enum: ['x86_64', 'aarch64'], since: '9.2' } as const;

/** What QEMU offers on a node, and the CPU models that were added to it. */
export const cpuModelRoutes: readonly Route[] = [
  {
    route: 'GET /nodes/{node}/capabilities/qemu/cpu',
    params: { node, arch },
    permission: 'all',
    proxied: false,
    handler: cpus,
  },
  {
    route: 'GET /nodes/{node}/capabilities/qemu/machines',
    params: { node, arch },
    permission: 'all',
    handler: machines,
  },
  {
    route: 'GET /cluster/qemu/custom-cpu-models',
    params: {},
    permission: 'all',
    since: '9.2',
    handler: (call) => visible(call).map(modelRow),
  },
  {
    route: 'GET /cluster/qemu/custom-cpu-models/{cputype}',
    params: { cputype: { type: 'string' } },
    permission: {
      anyOf: mayUse.map((privilege) => ({ path: '/mapping/cpu/{cputype}', privileges: [privilege] })),
    },
    since: '9.2',
    handler: oneModel,
  },
];
