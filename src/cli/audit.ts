import { verifyChain } from '../client/audit/verify-chain.js';
import { auditFiles, requireAudit } from './audit-files.js';
import { filterOf } from './audit-filter.js';
import { showAudit } from './audit-show.js';
import { isWhole, verdictText } from './audit-verdict.js';
import type { Flags } from './flags.js';

/** `proxmox-mcp audit verify|show [FILE]`: exit code 0 whole, 1 broken, 2 nothing to read. */
export async function audit([command, file, ...others]: readonly string[], flags: Flags): Promise<number> {
  if ((command !== 'verify' && command !== 'show') || others.length > 0)
    throw new Error("'audit' takes 'verify' or 'show', and then a file if it is not that of PROXMOX_AUDIT_FILE");
  const files = await auditFiles(file, flags);
  if (command === 'show') {
    const filter = filterOf(flags, Date.now());
    await requireAudit(files);
    return showAudit(files, filter, flags.json === true);
  }
  const verdict = await verifyChain({ files, after: hashOf(flags.after), expect: hashOf(flags.expect) });
  if (verdict.whole === 0) await requireAudit(files);
  process.stdout.write(`${flags.json ? JSON.stringify({ files, ...verdict }, null, 2) : verdictText(verdict)}\n`);
  return isWhole(verdict) ? 0 : 1;
}

function hashOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/i.test(text)) return text?.toLowerCase();
  throw new Error('a hash has 64 characters, 0 to 9 and a to f');
}
