import { parseApiUrls } from './api-url.js';
import type { ClusterConfig } from './cluster-config.js';
import { nameProblem } from './cluster-names.js';
import type { ClusterSource } from './cluster-source.js';
import type { Environment } from './environment.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import { type Roles, readPolicy } from './policy.js';
import { readPrices } from './prices.js';
import { parseRemoteHosts } from './remote-host.js';
import type { SecretReader } from './secret-reader.js';
import { readTls } from './tls.js';
import { parseTokenId } from './token-id.js';
import { type ClusterSuffix, clusterVariables } from './variables.js';

/** What every cluster is read with. */
export interface Reading {
  readonly environment: Environment;
  readonly faults: FaultList;
  readonly secrets: SecretReader;
  readonly roles: Roles | undefined;
}

/** One cluster from its variables, `names` being those of all clusters; `undefined` when a fault of it was noted. */
export function readCluster(
  name: string,
  names: readonly string[],
  source: ClusterSource,
  { environment, faults, secrets, roles }: Reading,
): ClusterConfig | undefined {
  const before = faults.faults.length;
  const url = required('API_URL', source, faults);
  const apiUrls = url && parseApiUrls(url.value, faults.about(url.variable));
  const id = required('TOKEN_ID', source, faults);
  const tokenId = id && faults.take(id.variable, parseTokenId(id.value));
  const tokenSecret = secrets.tokenSecret(source);
  const tls = readTls(source, environment, faults);
  const labels = readLabels(source, names, faults);
  const prices = readPrices(source, faults);
  const policy = readPolicy(source, roles, faults);
  const remote = source.find('REMOTE_HOST');
  const remoteHosts = remote && parseRemoteHosts(remote.value, faults.about(remote.variable));
  const isFaulty = faults.faults.length > before;
  if (isFaulty || !apiUrls || tokenId === undefined || tokenSecret === undefined || !tls) return undefined;
  const optional = {
    ...(policy === undefined ? {} : { policy }),
    ...(prices === undefined ? {} : { prices }),
    ...(remoteHosts === undefined ? {} : { remoteHosts }),
  };
  return { name, apiUrls, tokenId, tokenSecret, tls, ...labels, ...optional };
}

function required(suffix: ClusterSuffix, source: ClusterSource, faults: FaultList) {
  const setting = source.find(suffix);
  if (setting === undefined) {
    const example = clusterVariables.find((variable) => variable.suffix === suffix)?.example ?? '';
    faults.fault(source.variable(suffix), `is missing: set it, such as ${example}`);
  }
  return setting;
}

type Labels = Pick<ClusterConfig, 'defaultNode' | 'defaultStorage' | 'defaultBridge' | 'region' | 'tier' | 'group'>;

function readLabels(source: ClusterSource, names: readonly string[], faults: FaultList): Labels {
  const read = (suffix: ClusterSuffix, parse: (text: string) => Checked<string> = parseLabel) => {
    const setting = source.find(suffix);
    return setting && faults.take(setting.variable, parse(setting.value));
  };
  const defaultNode = read('DEFAULT_NODE');
  const defaultStorage = read('DEFAULT_STORAGE');
  const defaultBridge = read('DEFAULT_BRIDGE');
  const region = read('REGION');
  const tier = read('TIER');
  const group = read('GROUP', (text) => parseGroup(text, names));
  return {
    ...(defaultNode === undefined ? {} : { defaultNode }),
    ...(defaultStorage === undefined ? {} : { defaultStorage }),
    ...(defaultBridge === undefined ? {} : { defaultBridge }),
    ...(region === undefined ? {} : { region }),
    ...(tier === undefined ? {} : { tier }),
    ...(group === undefined ? {} : { group }),
  };
}

function parseLabel(text: string): Checked<string> {
  return /\p{C}/u.test(text) ? bad('holds a control character: write plain text') : good(text);
}

/** A group stands where a cluster's name can stand, so that it may not be one. */
function parseGroup(text: string, names: readonly string[]): Checked<string> {
  const namesake = names.find((name) => name.toLowerCase() === text.toLowerCase());
  const problem = nameProblem(text) ?? (namesake && `${quote(namesake)} is a cluster: choose another name`);
  return problem === undefined ? good(text) : bad(`names a group that cannot be used: ${problem}`);
}
