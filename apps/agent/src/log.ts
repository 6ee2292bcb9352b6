export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One structured line: a constant message plus fields. Never a secret. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** JSON lines in pino's field names, without its memory: the agent's budget is 90 MiB in all. */
export function jsonLog(level: LogLevel, write: (line: string) => void): Log {
  const threshold = LEVELS.indexOf(level);
  return (at, msg, fields = {}) => {
    if (LEVELS.indexOf(at) >= threshold) write(`${JSON.stringify({ level: at, time: Date.now(), service: 'agent', msg, ...fields })}\n`);
  };
}

export const silentLog: Log = () => {};
