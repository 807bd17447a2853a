import type { ConfigFault } from '../config/cluster-config.js';
import { isEncrypted } from '../config/encrypted-value.js';
import { type Exposure, exposureProblem } from '../config/secret-access.js';

/** A file of settings that was read. */
export interface SettingsFile {
  readonly settings: Readonly<Record<string, string>>;
  readonly exposed: Exposure | undefined;
}

/** What is careless about a file of settings: others have access to it, or a key lies beside what it opens. */
export function fileWarnings(file: string, { settings, exposed }: SettingsFile): ConfigFault[] {
  const all = Object.entries(settings).filter(([name, value]) => name.startsWith('PROXMOX_') && value.trim() !== '');
  const isEncryptedOne = ([, value]: readonly [string, string]) => isEncrypted(value.trim());
  const hasPlain = all.some((one) => /(SECRET|KEY)$/.test(one[0]) && !isEncryptedOne(one));
  const exposure = exposureProblem(exposed, hasPlain);
  const key = all.find(([name]) => name === 'PROXMOX_SECRET_KEY');
  return [
    ...(exposure === undefined
      ? []
      : [{ variable: 'PROXMOX_ENV_FILE', message: `the file of settings '${file}' is one ${exposure}` }]),
    ...(key === undefined || !all.some(isEncryptedOne)
      ? []
      : [
          {
            variable: key[0],
            message: `${key[0]} stands in the same file as values that it opens, so that whoever reads one reads both: use PROXMOX_SECRET_KEY_FILE`,
          },
        ]),
  ];
}
