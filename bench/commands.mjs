// Whole commands, by hyperfine where it is installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, ms, noted } from './statistics.mjs';

const commands = ['--version', '--help', 'tools'];

function hyperfine(server, report) {
  const named = commands.flatMap((command) => [
    `--command-name=proxmox-mcp ${command}`,
    `'${process.execPath}' '${server}' ${command}`,
  ]);
  const options = ['--shell=none', '--warmup', '2', '--runs', '15', '--style', 'none', '--export-json', report];
  return spawnSync('hyperfine', [...options, ...named], { encoding: 'utf8' });
}

export function measureCommands(server) {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-bench-'));
  try {
    const report = join(folder, 'hyperfine.json');
    const { error, status, stderr } = hyperfine(server, report);
    if (error !== undefined) return [noted('whole commands', 'skipped: hyperfine is not installed')];
    if (status !== 0) throw new Error(`hyperfine: ${stderr}`);
    const { results } = JSON.parse(readFileSync(report, 'utf8'));
    return results.map(({ command, times }) => noted(`${command} (median of 15)`, ms(median(times) * 1000)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
