import { describeError } from '../client/describe-error.js';
import { isSameCluster } from '../clusters/identity.js';
import type { ClusterRegistryConfig, RemoteHosts } from '../config/cluster-config.js';
import { clusterVariable } from '../config/cluster-source.js';
import { problemsOf } from '../tools/clusters/cluster-state.js';
import type { ErrorText } from '../tools/error-text.js';
import type { AddressCheck, ClusterCheck } from './doctor-cluster.js';
import { type Finding, some } from './doctor-finding.js';
import { idleRules } from './doctor-idle-rules.js';
import type { LackingPrivilege } from './doctor-privileges.js';

/** A cluster that was asked, and what its token lacks. */
export interface DiagnosedCluster {
  readonly check: ClusterCheck;
  readonly lacking: readonly LackingPrivilege[];
  readonly grants: readonly string[];
  /** What tools that change something need and the token lacks; that may be meant. */
  readonly forWrites: readonly LackingPrivilege[];
  /** Tools that are offered where no rule forbids it. */
  readonly chosen: ReadonlySet<string>;
}

/** What one cluster's check says. */
export function clusterFindings(diagnosed: DiagnosedCluster, config: ClusterRegistryConfig): Finding[] {
  const { check } = diagnosed;
  const findings = [
    ...addressFindings(check, config.multiCluster),
    ...stateFindings(check),
    ...privilegeFindings(diagnosed),
    ...certificateFindings(check, config.multiCluster),
    ...idleRules(check, diagnosed.chosen),
  ];
  return findings.map((finding) => ({ ...finding, cluster: check.config.name }));
}

/** A dead address of a cluster that answers elsewhere is a warning only. */
function addressFindings(check: ClusterCheck, multiCluster: boolean): Finding[] {
  const severity = check.best.health.tokenAccepted === true ? 'warning' : 'error';
  const failed = check.addresses.flatMap((address): Finding[] => {
    const { failure } = address.health;
    if (failure === undefined) return [];
    const text = describeError(failure, () => check.config.tokenId);
    return [{ severity, code: text.code, ...wording(text, address, check, multiCluster) }];
  });
  const [first, ...others] = check.addresses.flatMap(({ health }) => health.identity ?? []);
  if (others.every((other) => isSameCluster(first, other) !== false)) return failed;
  const different: Finding = {
    severity: 'error',
    code: 'ADDRESSES_DIFFER',
    message: 'the addresses in API_URL belong to different clusters',
    next: 'Give each cluster a name and an API_URL of its own: a call goes to whichever address answers.',
  };
  return [different, ...failed];
}

function wording(text: ErrorText, { url, certificate }: AddressCheck, check: ClusterCheck, multiCluster: boolean) {
  const { tls } = check.config;
  if (text.code === 'CA_FILE_UNREADABLE' && tls.mode === 'ca')
    return {
      message: `the file of its authority cannot be used: ${tls.caFile}`,
      next: `Correct ${clusterVariable(check.config.name, 'CA_FILE', multiCluster)}; /etc/pve/pve-root-ca.pem of a node is the file to copy.`,
    };
  const reason = text.reason ?? text.proxmox_says;
  const facts = typeof reason === 'string' ? `${url}, ${reason}` : url;
  const message = `${text.message.replace(/\.$/, '')} (${facts})`;
  switch (text.code) {
    case 'CERTIFICATE_REFUSED':
      return { message, next: pinAdvice(check, certificate?.fingerprint ?? '', multiCluster) };
    case 'TOKEN_REFUSED':
      return {
        message,
        next: 'Check the token ID, its secret and its expiry (Datacenter > Permissions > API Tokens).',
      };
    case 'CLUSTER_TIMEOUT':
      return {
        message,
        next: 'Other clusters are not affected. Look at the node: it accepts connections and says nothing.',
      };
    default:
      return { message, next: text.next };
  }
}

function stateFindings({ config, best, guests }: ClusterCheck): Finding[] {
  const { failure, privileges, ...seen } = best.health;
  const { nodes, tokenAccepted } = seen;
  const known = nodes && [...nodes.online, ...nodes.offline];
  const isStray = config.defaultNode !== undefined && known !== undefined && !known.includes(config.defaultNode);
  const unknownHosts = known === undefined ? [] : strangers(config.remoteHosts, known);
  return [
    // The failure of each address and the privileges are told apart from these.
    ...problemsOf(seen, config.tokenId).map(
      ({ code, message, next }): Finding => ({
        severity: code === 'NO_QUORUM' ? 'error' : 'warning',
        code,
        message: message.replace(/\.$/, ''),
        next,
      }),
    ),
    ...(isStray ? [strayDefault(config.defaultNode ?? '', known)] : []),
    ...(unknownHosts.length > 0 ? [strayHosts(unknownHosts, known ?? [])] : []),
    ...(tokenAccepted === true && guests === undefined ? [unlisted] : []),
  ];
}

const strayDefault = (node: string, known: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'DEFAULT_NODE_UNKNOWN',
  message: `its DEFAULT_NODE is ${node}, and its nodes are ${known.join(', ')}`,
  next: 'Correct it, or leave it out: a call that needs a node and names none fails on it.',
});

/** Nodes that have an address in the configuration, and are none of the cluster. */
const strangers = (hosts: RemoteHosts | undefined, known: readonly string[]): string[] =>
  Object.keys(hosts?.nodes ?? {}).filter((node) => !known.includes(node));

const strayHosts = (nodes: readonly string[], known: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'REMOTE_HOST_UNKNOWN',
  message: `its REMOTE_HOST names ${nodes.join(', ')}, and its nodes are ${known.join(', ')}`,
  next: 'Correct the name: a move to or from that node takes another address than is meant.',
});

const unlisted: Finding = {
  severity: 'warning',
  code: 'GUESTS_NOT_LISTED',
  message: 'its guests could not be listed, so the routing was checked without them',
  next: 'Run doctor again.',
};

function privilegeFindings({ lacking, grants, forWrites }: DiagnosedCluster): Finding[] {
  const withheld = forWrites.filter(({ held }) => held === 'nowhere');
  const optional = lacking.filter((one) => one.held === 'nowhere' && one.optional);
  const nowhere = lacking.filter((one) => one.held === 'nowhere' && !one.optional);
  const inPart = lacking.filter(({ held }) => held === 'part');
  return [
    ...nowhere.map(
      (one, index): Finding => ({
        severity: 'warning',
        code: 'PRIVILEGE_MISSING',
        message: `the token lacks ${one.anyOf.join(' or ')} on ${one.path}, for ${some(one.tools)}`,
        // The commands grant all of it together, and are told once.
        ...(index === nowhere.length - 1 ? { next: grantAdvice(grants), commands: grants } : {}),
      }),
    ),
    ...optional.map(
      ({ anyOf, path, tools }): Finding => ({
        severity: 'note',
        code: 'PRIVILEGE_OPTIONAL',
        message: `the token lacks ${anyOf.join(' or ')} on ${path}, which allows more than reading; without it these show less: ${some(tools)}`,
        next: 'Grant it only where what they leave out is worth that.',
      }),
    ),
    ...withheld.map(
      ({ anyOf, path, tools }): Finding => ({
        severity: 'note',
        code: 'WRITE_WITHHELD',
        message: `the token lacks ${anyOf.join(' or ')} on ${path}, so these change nothing: ${some(tools)}`,
      }),
    ),
    ...inPart.map(
      ({ anyOf, path, tools }): Finding => ({
        severity: 'note',
        code: 'PRIVILEGE_IN_PART',
        message: `the token holds ${anyOf.join(' or ')} on parts of ${path} only, so these show no more than that: ${some(tools)}`,
      }),
    ),
  ];
}

const grantAdvice = (grants: readonly string[]) =>
  grants.some((command) => command.startsWith('pveum role add'))
    ? 'On a node of the cluster, as root; where that role is there, `pveum role modify` with --append 1 in place of `role add`:'
    : 'On a node of the cluster, as root:';

const day = 86_400_000;

/** Days until a certificate ends, at the time of the check; negative when it has. */
export function daysLeft({ certificate, health }: AddressCheck): number | undefined {
  const end = Date.parse(certificate?.validTo ?? '');
  return Number.isNaN(end) ? undefined : Math.floor((end - health.checkedAt) / day);
}

const soon = 30;

function certificateFindings(check: ClusterCheck, multiCluster: boolean): Finding[] {
  const ending = check.addresses.flatMap((address): Finding[] => {
    const left = daysLeft(address);
    if (left === undefined || left > soon) return [];
    const pinned = check.config.tls.mode === 'fingerprint' ? ', and pin the new one' : '';
    return [
      {
        severity: 'warning',
        code: left < 0 ? 'CERTIFICATE_EXPIRED' : 'CERTIFICATE_ENDS_SOON',
        message: `the certificate of ${address.url} ${left < 0 ? 'has expired' : `ends in ${left} days`}`,
        next: `Renew it on the node (pvecm updatecerts --force, or ACME)${pinned}.`,
      },
    ];
  });
  const seen = [...new Set(check.addresses.flatMap(({ certificate }) => certificate?.fingerprint ?? []))];
  if (check.config.tls.mode !== 'off' || seen.length === 0) return ending;
  const unchecked: Finding = {
    severity: 'note',
    code: 'CERTIFICATE_NOT_CHECKED',
    message: 'its certificate is not checked',
    next: pinAdvice(check, seen.join(','), multiCluster),
  };
  return [...ending, unchecked];
}

const pinAdvice = (check: ClusterCheck, fingerprint: string, multiCluster: boolean) =>
  `If the node itself shows this fingerprint (System > Certificates), set ${clusterVariable(check.config.name, 'FINGERPRINT', multiCluster)}=${fingerprint}`;
