import { appendFileSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { makeFolder } from '../client/make-folder.js';
import type { Redact } from '../client/redact/redact.js';
import type { LogConfig } from '../config/cluster-config.js';
import { cleanText } from '../pve/clean-text.js';
import type { Clock } from '../pve/clock.js';
import type { Log } from '../pve/log.js';

type Write = (line: string) => void;

/**
 * pino on standard error or a file, each line redacted and with the time of its event: a line may have been kept for a
 * while. A file that cannot be written, now or later, gives way to standard error, with a word about it.
 */
export function openLog({ level, file }: LogConfig, clock: Clock, redact: Redact): Log {
  const toStandardError = standardError();
  let write = toStandardError;
  const logger = pino(
    { level, base: null, timestamp: false },
    { write: (line: string) => write(redact(cleanText(line))) },
  );
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
  if (file === undefined) return log;
  const append = appendTo(file);
  write = (line) => {
    try {
      append(line);
    } catch (err) {
      write = toStandardError;
      log.warn({ variable: 'PROXMOX_LOG_FILE', err }, 'the log file cannot be written');
      write(line);
    }
  };
  return log;
}

/** Opened with the first line, so that all that can fail fails in one place. */
function appendTo(file: string): Write {
  let descriptor: number | undefined;
  return (line) => {
    if (descriptor === undefined) {
      makeFolder(dirname(file));
      descriptor = openSync(file, 'a');
    }
    appendFileSync(descriptor, line);
  };
}

/** What it cannot take is kept up to this many bytes, until it can. */
const mostKept = 1_000_000;

function standardError(): Write {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: mostKept });
  // Without a listener, a full disk or a terminal that is gone would end the process.
  destination.on('error', () => undefined);
  return (line) => destination.write(line);
}
