import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { LogConfig } from '../config/cluster-config.js';
import type { Log } from '../pve/log.js';
import type { Redact } from '../server/redact.js';

/** pino on standard error or a file, each line redacted. */
export function openLog({ level, file }: LogConfig, redact: Redact): Log {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true });
  const destination = pino.destination({ dest: file ?? 2, sync: true, append: true });
  const write = (line: string) => destination.write(redact(line));
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
