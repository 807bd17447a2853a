import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { LogConfig } from '../config/cluster-config.js';
import type { Clock } from '../pve/clock.js';
import type { Log } from '../pve/log.js';
import type { Redact } from '../server/redact.js';

/** pino on standard error or a file, each line redacted and with the time of its event: a line may have been kept for a while. */
export function openLog({ level, file }: LogConfig, clock: Clock, redact: Redact): Log {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true });
  const destination = pino.destination({ dest: file ?? 2, sync: true, append: true });
  const write = (line: string) => destination.write(redact(line));
  const logger = pino({ level, base: null, timestamp: false }, { write });
  const timed = (fields: Readonly<Record<string, unknown>>) => ({
    time: new Date(clock.now()).toISOString(),
    ...fields,
  });
  return {
    debug: (fields, message) => logger.debug(timed(fields), message),
    info: (fields, message) => logger.info(timed(fields), message),
    warn: (fields, message) => logger.warn(timed(fields), message),
    error: (fields, message) => logger.error(timed(fields), message),
  };
}
