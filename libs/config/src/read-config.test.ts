import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeConfig, readConfig } from './index.js';

const schema = z.object({
  port: z.coerce.number().int().max(65_535).default(8443).meta({ description: 'Port of the API' }),
  databaseUrl: z.string().optional().meta({ env: 'DATABASE_URL', description: 'PostgreSQL to use', secret: true }),
  NATS_URL: z.string().meta({ description: 'NATS to use' }),
  verbose: z.stringbool().default(false).meta({ description: 'Say more' }),
});

describe('readConfig', () => {
  it('reads variables by given, upper-case or derived names into a frozen object', () => {
    const config = readConfig(schema, { FLOTILLA_PORT: '9', DATABASE_URL: 'postgres://x', NATS_URL: 'nats://y', FLOTILLA_VERBOSE: 'true' });
    expect(config).toEqual({ port: 9, databaseUrl: 'postgres://x', NATS_URL: 'nats://y', verbose: true });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('counts an empty variable as unset', () => {
    expect(readConfig(schema, { FLOTILLA_PORT: '', NATS_URL: 'n' }).port).toBe(8443);
  });

  it('names every wrong variable at once and shows no value', () => {
    const read = () => readConfig(schema, { FLOTILLA_PORT: 'hunter2', FLOTILLA_VERBOSE: 'perhaps' });
    expect(read).toThrow(/FLOTILLA_PORT: .*NATS_URL is not set.*FLOTILLA_VERBOSE: /);
    expect(read).toThrow(/^(?!.*hunter2)/);
  });
});

describe('describeConfig', () => {
  it('lists each variable with its description, default and whether it is required', () => {
    expect(describeConfig(schema)).toEqual([
      { variable: 'FLOTILLA_PORT', description: 'Port of the API', required: false, default: '8443' },
      { variable: 'DATABASE_URL', description: 'PostgreSQL to use', required: false, default: '' },
      { variable: 'NATS_URL', description: 'NATS to use', required: true, default: '' },
      { variable: 'FLOTILLA_VERBOSE', description: 'Say more', required: false, default: 'false' },
    ]);
  });
});
