import { clusterVariables, globalVariables } from './variables.js';

/** Two Markdown tables of every variable that this version knows, as they stand in `docs/configuration.md`. */
export function variableTable(): string {
  const ofClusters = clusterVariables.map(({ suffix, single, required, meaning, default: fallback }) =>
    row([`\`..._${suffix}\``, single ? `\`PROXMOX_${suffix}\`` : '-', meaning, required ? 'required' : fallback]),
  );
  const ofServer = globalVariables.map(({ name, form, meaning, default: fallback }) =>
    row([`\`${name}\``, form === 'multi' ? '-' : 'yes', meaning, fallback]),
  );
  return [
    'Of each cluster; `...` stands for `PROXMOX_CLUSTER_<name>`:',
    '',
    row(['Many clusters', 'One cluster', 'Meaning', 'Default']),
    row(['---', '---', '---', '---']),
    ...ofClusters,
    '',
    'Of the server:',
    '',
    row(['Variable', 'With one cluster', 'Meaning', 'Default']),
    row(['---', '---', '---', '---']),
    ...ofServer,
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
