import { describeError } from '../client/describe-error.js';
import type { ConfigFault } from '../config/cluster-config.js';
import type { AddressCheck } from './doctor-cluster.js';
import { type DiagnosedCluster, daysLeft } from './doctor-cluster-findings.js';
import type { Finding } from './doctor-finding.js';
import { policyReport } from './doctor-policy.js';
import type { RoutingCheck } from './doctor-routing.js';
import type { Safety } from './doctor-safety.js';

/** Where the settings came from. */
export interface Sources {
  readonly file: string | undefined;
  readonly searched: readonly string[];
}

/** `doctor --json`, as long as there is no usable configuration. */
export function faultReport(
  { file, searched }: Sources,
  faults: readonly ConfigFault[],
  warnings: readonly ConfigFault[],
) {
  return {
    exit_code: 2,
    configuration: { env_file: file ?? null, searched, faults, warnings },
    clusters: [],
    findings: [],
  };
}

/** `doctor --json`: everything that was found. */
export function report(
  sources: Sources,
  { warnings, safety }: { readonly warnings: readonly ConfigFault[]; readonly safety: Safety },
  clusters: readonly DiagnosedCluster[],
  routing: RoutingCheck & { readonly defaultCluster: string },
  findings: readonly Finding[],
) {
  return {
    exit_code: exitCode(findings),
    configuration: { env_file: sources.file ?? null, searched: sources.searched, faults: [], warnings },
    ...safety,
    clusters: clusters.map((cluster) => clusterReport(cluster, routing.defaultCluster)),
    routing: {
      default_cluster: routing.defaultCluster,
      rules: routing.rules,
      ambiguous: routing.ambiguous,
      shared_names: routing.sharedNames,
      shared_vmids: routing.sharedVmids,
    },
    findings,
  };
}

/** 0 when all is good: notes need no mending. */
export const exitCode = (findings: readonly Finding[]) =>
  findings.some(({ severity }) => severity !== 'note') ? 1 : 0;

function clusterReport({ check, lacking, grants }: DiagnosedCluster, defaultCluster: string) {
  const { config, best, addresses, guests } = check;
  const { health } = best;
  const ofType = (type: string) => guests?.filter((guest) => guest.type === type).length;
  return {
    name: config.name,
    default: config.name === defaultCluster,
    token_id: config.tokenId,
    tls: config.tls.mode,
    region: config.region,
    tier: config.tier,
    group: config.group,
    ...policyReport(config),
    reachable: health.reachable,
    token_accepted: health.tokenAccepted,
    latency: health.latency,
    version: health.version,
    cluster_name: health.clusterName,
    nodes: health.nodes,
    quorate: health.quorate,
    vms: ofType('qemu'),
    containers: ofType('lxc'),
    addresses: addresses.map((address) => addressReport(address, config.tokenId)),
    privileges: health.privileges && {
      lacking: lacking.map(({ anyOf, path, held, optional, tools }) => ({
        any_of: anyOf,
        path,
        held,
        optional,
        tools,
      })),
      grant: grants,
    },
  };
}

function addressReport(address: AddressCheck, tokenId: string) {
  const { url, certificate, health } = address;
  return {
    url,
    reachable: health.reachable,
    latency: health.latency,
    certificate: certificate && {
      fingerprint: certificate.fingerprint,
      subject: certificate.subject,
      valid_to: certificate.validTo,
      days_left: daysLeft(address),
      trusted_by_system: certificate.trusted,
      reason: certificate.reason,
    },
    error: health.failure && describeError(health.failure, () => tokenId),
  };
}
