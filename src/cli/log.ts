import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LogConfig } from '../config/cluster-config.js';
import type { Log } from '../pve/log.js';

type Level = keyof Log;
type Line = [level: Level, fields: Readonly<Record<string, unknown>>, message: string];

/** Keeps lines until the real log has been loaded, so that loading it delays nothing. */
export class DeferredLog implements Log {
  #log: Log | undefined;
  #kept: Line[] = [];

  attach(log: Log): void {
    this.#log = log;
    for (const [level, fields, message] of this.#kept) log[level](fields, message);
    this.#kept = [];
  }

  readonly debug: Log['debug'] = (fields, message) => this.#write(['debug', fields, message]);
  readonly info: Log['info'] = (fields, message) => this.#write(['info', fields, message]);
  readonly warn: Log['warn'] = (fields, message) => this.#write(['warn', fields, message]);
  readonly error: Log['error'] = (fields, message) => this.#write(['error', fields, message]);

  #write([level, fields, message]: Line): void {
    if (this.#log === undefined) this.#kept.push([level, fields, message]);
    else this.#log[level](fields, message);
  }
}

/** pino on standard error or a file, each line redacted. */
export async function openLog({ level, file }: LogConfig, redact: (line: string) => string): Promise<Log> {
  const { pino } = await import('pino');
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
