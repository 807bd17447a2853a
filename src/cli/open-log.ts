import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DestinationStream, pino } from 'pino';
import type { LogConfig } from '../config/cluster-config.js';
import type { Clock } from '../pve/clock.js';
import type { Log } from '../pve/log.js';
import type { Redact } from '../server/redact.js';

/**
 * pino on standard error or a file, each line redacted and with the time of its event: a line may have been kept for a
 * while. A file that cannot be written gives way to standard error, with a word about it.
 */
export function openLog({ level, file }: LogConfig, clock: Clock, redact: Redact): Log {
  const { destination, fault } = open(file);
  const write = (line: string) => destination.write(redact(line));
  const logger = pino({ level, base: null, timestamp: false }, { write });
  const timed = (fields: Readonly<Record<string, unknown>>) => ({
    time: new Date(clock.now()).toISOString(),
    ...fields,
  });
  const log: Log = {
    debug: (fields, message) => logger.debug(timed(fields), message),
    info: (fields, message) => logger.info(timed(fields), message),
    warn: (fields, message) => logger.warn(timed(fields), message),
    error: (fields, message) => logger.error(timed(fields), message),
  };
  if (fault !== undefined) log.warn({ variable: 'PROXMOX_LOG_FILE', err: fault }, 'the log file cannot be written');
  return log;
}

function open(file: string | undefined): { destination: DestinationStream; fault?: unknown } {
  const standardError = () => pino.destination({ dest: 2, sync: true });
  if (file === undefined) return { destination: standardError() };
  try {
    mkdirSync(dirname(file), { recursive: true });
    return { destination: pino.destination({ dest: file, sync: true, append: true }) };
  } catch (fault) {
    return { destination: standardError(), fault };
  }
}
