import { type Logger, pino } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const STDERR = 2;

/** JSON lines on stderr. Settings that hold secrets are never handed to it; should one be, it is not shown. */
export const createLog = (level: LogLevel): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['token', 'tokens', 'password', 'credentials', '*.token', '*.password'],
        censor: 'not shown',
      },
    },
    pino.destination({ dest: STDERR, sync: true }),
  );
