import { FlotillaError } from '@flotilla/kernel';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { LOG_FIELDS, type LogFields } from './log-fields.js';

/** Constant lower-case messages plus fields of the fixed list. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger with fields on every line. */
  with(fields: LogFields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  service: string;
  level?: LogLevel;
  /** Where lines go; default standard output. */
  write?: (line: string) => void;
}

/** JSON lines. Fields outside the list are left out and named in `unlisted`; anything that looks like a credential is masked. */
export function createLogger({ service, level = 'info', write }: LoggerOptions): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, formatters };
  return new PinoLogger(write ? pino(options, { write }) : pino(options), {});
}

class PinoLogger implements Logger {
  readonly #pino: pino.Logger;
  readonly #fields: LogFields;

  constructor(target: pino.Logger, fields: LogFields) {
    this.#pino = target;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }
  with(fields: LogFields): Logger {
    return new PinoLogger(this.#pino, { ...this.#fields, ...fields });
  }

  #write(level: Exclude<LogLevel, 'silent'>, message: string, fields: LogFields = {}): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    this.#pino[level](listed({ ...(traceId ? { traceId } : {}), ...this.#fields, ...fields }), message);
  }
}

function listed(fields: Record<string, unknown>): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  const unlisted: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (name in LOG_FIELDS) line[name] = plain(value);
    else unlisted.push(name);
  }
  return unlisted.length > 0 ? { ...line, unlisted } : line;
}

/** Longest text of one field; longer ones are cut. */
const MAX_FIELD_CHARS = 4_000;

function plain(value: unknown): unknown {
  if (value instanceof Error) {
    const code = value instanceof FlotillaError ? value.code : undefined;
    return { name: value.name, code, message: masked(value.message), stack: masked(value.stack ?? '') };
  }
  if (typeof value === 'string') return masked(value);
  if (typeof value === 'object' && value !== null) return masked(JSON.stringify(value));
  return value;
}

/** JWTs, join tokens, NATS seeds, URL passwords and bearer credentials: the last net, not the first. */
const CREDENTIALS =
  /eyJ[\w-]{8,}\.[\w-]+\.[\w-]+|flt1\.[\w-]+|\bS[OAU][A-Z2-7]{56}\b|(?<=:\/\/[^\s/:@]{0,200}:)[^\s/@]+(?=@)|(?<=\bBearer )[\w.~+/=-]+/g;

function masked(text: string): string {
  return text.slice(0, MAX_FIELD_CHARS).replace(CREDENTIALS, '***');
}

/** Says nothing: for tests and for libraries that were given no logger. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLogger,
};
