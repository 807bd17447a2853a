import { parseBoolean } from './boolean.js';
import type { TlsConfig } from './cluster-config.js';
import type { ClusterSource, Setting } from './cluster-source.js';
import type { Environment } from './environment.js';
import type { FaultList } from './faults.js';
import { expandHome, isAbsolutePath } from './file-path.js';
import { parseFingerprints } from './fingerprint.js';

/** How the certificate is checked: a fingerprint goes before `VERIFY=false`, and so does a file with an authority. */
export function readTls(source: ClusterSource, environment: Environment, faults: FaultList): TlsConfig | undefined {
  const verify = source.find('VERIFY');
  const caFile = source.find('CA_FILE');
  const fingerprint = source.find('FINGERPRINT');
  const verifies = verify === undefined ? true : faults.take(verify.variable, parseBoolean(verify.value));
  const pinned = fingerprint && parseFingerprints(fingerprint.value, faults.about(fingerprint.variable));
  const authority = caFile && readCaFile(caFile, environment, faults);
  if (fingerprint !== undefined && caFile !== undefined) {
    faults.fault(fingerprint.variable, `and ${caFile.variable} are both set: choose one`);
    return undefined;
  }
  if (verify !== undefined && verifies === false) warnNotVerified(verify, fingerprint ?? caFile, faults);
  if (verifies === undefined) return undefined;
  if (fingerprint !== undefined) return pinned && { mode: 'fingerprint', fingerprints: pinned };
  if (caFile !== undefined) return authority === undefined ? undefined : { mode: 'ca', caFile: authority };
  return { mode: verifies ? 'system' : 'off' };
}

function warnNotVerified(verify: Setting, stronger: Setting | undefined, faults: FaultList): void {
  faults.warn(
    verify.variable,
    stronger === undefined
      ? 'is false: any certificate is accepted, so another machine can take the token; set FINGERPRINT or CA_FILE instead'
      : `is false and has no effect, as ${stronger.variable} decides: leave it out`,
  );
}

function readCaFile(setting: Setting, environment: Environment, faults: FaultList): string | undefined {
  const path = faults.take(setting.variable, expandHome(setting.value, environment));
  if (path !== undefined && !isAbsolutePath(path)) {
    faults.warn(
      setting.variable,
      'is a relative path, and a client may start the server in any folder: write the whole path',
    );
  }
  return path;
}
