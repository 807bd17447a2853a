import type { Redact } from '../client/redact/redact.js';
import { isSameCluster } from '../clusters/identity.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { cleanText } from '../pve/clean-text.js';
import { systemClock } from '../pve/clock.js';
import { mapStrings } from '../server/map-strings.js';
import { chooseTools } from '../server/tool-choice.js';
import { offerTools } from '../server/tool-list.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import { type ClusterCheck, checkCluster } from './doctor-cluster.js';
import type { DiagnosedCluster } from './doctor-cluster-findings.js';
import { findingsOf } from './doctor-findings.js';
import { grantCommands, lackingPrivileges } from './doctor-privileges.js';
import { exitCode, faultReport, report } from './doctor-report.js';
import { checkRouting, type SeatedGuest } from './doctor-routing.js';
import { safetyOf } from './doctor-safety.js';
import { faultText, paintFor, reportText } from './doctor-text.js';
import { type Environment, readOwnEnvironment } from './environment.js';
import type { Flags } from './flags.js';
import { redactorFor } from './secrets.js';

/** `proxmox-mcp doctor`: exit code 0 when all is good, 1 for problems, 2 without a usable configuration. */
export async function doctor({ json = false, 'env-file': envFile }: Flags): Promise<number> {
  const environment = await readOwnEnvironment(envFile, () => offerTools(true));
  const { parsed } = environment;
  const redact = redactorFor(environment);
  if (parsed.ok) return examine(parsed.config, environment, json, redact);
  const { faults, warnings } = parsed;
  const text = json
    ? JSON.stringify(faultReport(environment, faults, warnings), null, 2)
    : faultText(environment, faults, warnings, paint());
  process.stdout.write(`${redact(text)}\n`);
  return 2;
}

const paint = () => paintFor(process.stdout.isTTY === true && !process.env.NO_COLOR);

async function examine(
  config: ClusterRegistryConfig,
  environment: Environment,
  json: boolean,
  redact: Redact,
): Promise<number> {
  const { warnings } = environment.parsed;
  if (process.stderr.isTTY) process.stderr.write(`asking ${config.clusters.map(({ name }) => name).join(', ')} ...\n`);
  const checks = await Promise.all(config.clusters.map((cluster) => checkCluster(cluster, systemClock)));
  const namesOf = (rules: Partial<ClusterRegistryConfig>) =>
    new Set(chooseTools(offerTools(true), config.tools, rules).offers.map(({ name }) => name));
  const [offered, chosen] = [namesOf(config), namesOf({})];
  const clusters = checks.map((check) => ({ ...diagnose(check, offered), chosen }));
  const safety = safetyOf(config);
  const routing = checkRouting(config, seatedGuests(checks));
  const findings = mapStrings(findingsOf(config, warnings, clusters, routing), cleanText);
  const text = json
    ? JSON.stringify(
        mapStrings(
          report(
            environment,
            { warnings, safety },
            clusters,
            { ...routing, defaultCluster: config.defaultCluster },
            findings,
          ),
          cleanText,
        ),
        null,
        2,
      )
    : reportText({ ...environment, safety }, config, clusters, routing.rules, findings, paint());
  process.stdout.write(`${redact(text)}\n`);
  return exitCode(findings);
}

/** Of a cluster that has two names the guests count once. */
function seatedGuests(checks: readonly ClusterCheck[]): SeatedGuest[] {
  const distinct = checks.filter(
    ({ best }, index) =>
      !checks.slice(0, index).some((other) => isSameCluster(other.best.health.identity, best.health.identity)),
  );
  return distinct.flatMap(({ config: { name: cluster }, guests = [] }) =>
    guests.map(({ vmid, name }) => ({ cluster, vmid, name: name && cleanText(name) })),
  );
}

/** What the token lacks for the tools that are offered. */
function diagnose(check: ClusterCheck, offered: ReadonlySet<string>): Omit<DiagnosedCluster, 'chosen'> {
  const { privileges, version } = check.best.health;
  if (privileges === undefined) return { check, lacking: [], grants: [], forWrites: [] };
  const all = catalogue.filter(({ name }) => offered.has(name));
  const lackingFor = (tools: readonly Tool[]) => lackingPrivileges(privileges, version, tools);
  const lacking = lackingFor(all.filter(({ effect }) => effect === 'read'));
  const forWrites = lackingFor(all.filter(({ effect }) => effect !== 'read'));
  return { check, lacking, grants: grantCommands(privileges, check.config.tokenId, lacking), forWrites };
}
