import { readEnvironment } from './environment.js';
import { redactorFor } from './secrets.js';

/** Says why a command failed. What it failed with may be the words of others. */
export async function sayError(error: unknown): Promise<void> {
  const text = `proxmox-mcp: ${error instanceof Error ? error.message : String(error)}\n`;
  const surroundings = { env: process.env, cwd: process.cwd(), platform: process.platform };
  const redact = redactorFor(await readEnvironment(surroundings));
  process.stderr.write(redact(text));
}
