import { type LogConfig, type LogLevel, logLevels } from './cluster-config.js';
import type { Environment } from './environment.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import { expandHome, isAbsolutePath } from './file-path.js';
import { nearest } from './nearest.js';

/** Where and how much is logged; `info` to standard error where a setting is absent or faulty. */
export function readLog(environment: Environment, faults: FaultList): LogConfig {
  const level = environment.get('PROXMOX_LOG_LEVEL');
  const file = environment.get('PROXMOX_LOG_FILE');
  const parsedLevel = level && faults.take('PROXMOX_LOG_LEVEL', parseLogLevel(level));
  const parsedFile = file && faults.take('PROXMOX_LOG_FILE', parseLogFile(file, environment));
  return { level: parsedLevel || 'info', ...(parsedFile ? { file: parsedFile } : {}) };
}

function parseLogLevel(text: string): Checked<LogLevel> {
  const level = logLevels.find((known) => known === text.toLowerCase());
  if (level !== undefined) return good(level);
  const meant = nearest(text, logLevels);
  return bad(`is ${quote(text)}: write one of ${logLevels.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`);
}

function parseLogFile(text: string, environment: Environment): Checked<string> {
  const path = expandHome(text, environment);
  if (!path.ok || isAbsolutePath(path.value)) return path;
  return bad(`is ${quote(text)}: write an absolute path or ~/...`);
}
