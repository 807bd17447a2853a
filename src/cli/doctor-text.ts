import { styleText } from 'node:util';
import type { ClusterRegistryConfig, ConfigFault, TlsConfig } from '../config/cluster-config.js';
import { cleanText } from '../pve/clean-text.js';
import type { AddressCheck } from './doctor-cluster.js';
import { type DiagnosedCluster, daysLeft } from './doctor-cluster-findings.js';
import { counted, type Finding } from './doctor-finding.js';
import type { Sources } from './doctor-report.js';
import type { RuleCheck } from './doctor-routing.js';
import { type Safety, safetyText } from './doctor-safety.js';
import { table } from './table.js';

/** Emphasis for a terminal, or none. */
export type Paint = (severity: Finding['severity'], text: string) => string;

const colours = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

export const paintFor = (isTerminal: boolean): Paint =>
  isTerminal ? (severity, text) => styleText(colours[severity], text) : (_, text) => text;

/** What is wrong with the configuration, for people. */
export function faultText(
  sources: Sources,
  faults: readonly ConfigFault[],
  warnings: readonly ConfigFault[],
  paint: Paint,
) {
  return [
    `${sourceLine(sources)}\n`,
    'The configuration cannot be used:',
    ...faults.map(({ message }) => `  ${paint('error', 'error')}    ${message}`),
    ...warnings.map(({ message }) => `  ${paint('warning', 'warning')}  ${message}`),
    '',
    '`proxmox-mcp demo` shows the server without any configuration.',
  ].join('\n');
}

/** What was found, for people. */
export function reportText(
  sources: Sources & { readonly safety: Safety },
  config: ClusterRegistryConfig,
  clusters: readonly DiagnosedCluster[],
  rules: readonly RuleCheck[],
  findings: readonly Finding[],
  paint: Paint,
): string {
  return [
    `${sourceLine(sources)}\n${safetyText(sources.safety)}`,
    cleanText(clusterTable(clusters, config.defaultCluster)),
    cleanText(addressLines(clusters)),
    ...(rules.length === 0 ? [] : [ruleTable(rules)]),
    ...(findings.length === 0 ? [] : [findings.map((finding) => findingLines(finding, paint)).join('\n')]),
    summary(findings, clusters.length),
  ].join('\n\n');
}

const sourceLine = ({ file, searched }: Sources) =>
  `Settings: ${file === undefined ? 'the environment alone' : `${file}, under the environment`}` +
  (searched.length > 0 ? `\nSearched: ${searched.join(', ')}` : '');

function clusterTable(clusters: readonly DiagnosedCluster[], defaultCluster: string): string {
  const rows = clusters.map(({ check, lacking }) => {
    const { config, best, guests } = check;
    const { reachable, tokenAccepted, version, nodes, quorate, latency, privileges } = best.health;
    const total = nodes && nodes.online.length + nodes.offline.length;
    return [
      `${config.name}${config.name === defaultCluster ? ' *' : ''}`,
      reachable ? (version ?? 'answers') : 'no answer',
      best.health.clusterName ?? (total === 1 ? 'stand-alone' : '-'),
      nodes === undefined ? '-' : `${nodes.online.length}/${total}`,
      yesOrNo(quorate),
      yesOrNo(tokenAccepted),
      privileges === undefined ? '-' : lacking.length === 0 ? 'all' : `lacks ${lacking.length}`,
      guests === undefined ? '-' : String(guests.length),
      latency === undefined ? '-' : `${Math.round(latency)} ms`,
    ];
  });
  const header = ['Cluster', 'Version', 'Its own name', 'Nodes', 'Quorum', 'Token', 'Privileges', 'Guests', 'Latency'];
  return `${table(header, rows)}\n* where a call goes that nothing else routes`;
}

const yesOrNo = (value: boolean | undefined) => (value === undefined ? '-' : value ? 'yes' : 'NO');

const addressLines = (clusters: readonly DiagnosedCluster[]) =>
  clusters
    .flatMap(({ check }) =>
      check.addresses.map(
        (address) => `${address.url}  (${check.config.name})\n${certificateLines(address, check.config.tls)}`,
      ),
    )
    .join('\n');

function certificateLines(address: AddressCheck, tls: TlsConfig): string {
  const { certificate, url } = address;
  if (!url.startsWith('https:')) return '  no TLS: the token travels in the clear';
  if (certificate === undefined) return '  no certificate was seen';
  const { subject, validTo, trusted, reason, fingerprint } = certificate;
  const left = daysLeft(address);
  const trust = trusted ? 'trusted by the system' : `not trusted by the system (${reason ?? 'unknown'})`;
  const end = left === undefined ? validTo : `${validTo}, ${counted(left, 'day')}`;
  return `  ${tlsWords(tls, fingerprint)}; ${subject} until ${end}; ${trust}\n  SHA-256 ${fingerprint}`;
}

function tlsWords(tls: TlsConfig, seen: string): string {
  switch (tls.mode) {
    case 'system':
      return "checked against the system's authorities";
    case 'ca':
      return `checked against ${tls.caFile}`;
    case 'fingerprint':
      return tls.fingerprints.includes(seen) ? 'pinned, matches' : 'pinned, DOES NOT MATCH';
    case 'off':
      return 'NOT checked';
  }
}

function ruleTable(rules: readonly RuleCheck[]): string {
  const rows = rules.map(({ kind, rule, cluster, fits, elsewhere }) => [
    kind === 'pattern' ? 'name' : 'VMID',
    rule,
    cluster,
    String(fits),
    elsewhere.length === 0
      ? '-'
      : `${elsewhere.length} on ${[...new Set(elsewhere.map((guest) => guest.cluster))].join(', ')}`,
  ]);
  return table(['Rule for', 'Rule', 'Leads to', 'Guests', 'Of them elsewhere'], rows);
}

function findingLines({ severity, cluster, message, next, commands = [] }: Finding, paint: Paint): string {
  const about = cluster === undefined || message.includes(`'${cluster}'`) ? '' : `${cluster}: `;
  const first = `${paint(severity, severity.padEnd(7))}  ${about}${message}`;
  const advice = next === undefined ? [] : [`         -> ${next}`];
  return [first, ...advice, ...commands.map((command) => `            ${command}`)].join('\n');
}

function summary(findings: readonly Finding[], clusters: number): string {
  const count = (wanted: Finding['severity']) => findings.filter(({ severity }) => severity === wanted).length;
  const [errors, warnings] = [count('error'), count('warning')];
  if (errors + warnings === 0) return `${counted(clusters, 'cluster')}, all good.`;
  return `${counted(clusters, 'cluster')}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.`;
}
