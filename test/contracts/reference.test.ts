import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeConfig } from '@flotilla/config';
import { HUB_SERVICES, REST_ROUTES } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { CONFIG_SCHEMAS } from './reference/config-schemas.js';
import { cell, fence } from './reference/markdown.js';
import { referencePages } from './reference/reference-pages.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const pages = new Map(referencePages().map(({ path, text }) => [path, text]));
const pageOf = (path: string): string => pages.get(path) ?? '';

describe('the generated reference', () => {
  it('is in docs/reference as the code is now', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['tools/reference.mjs', '--check'], { cwd: ROOT }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout, 'run: npm exec -- node tools/reference.mjs').toBe('');
  });

  it('describes every variable of every configuration schema', () => {
    for (const { schema } of Object.values(CONFIG_SCHEMAS)) {
      for (const { variable, description } of describeConfig(schema)) {
        expect(description, variable).not.toBe('');
        expect(pageOf('configuration.md')).toContain(`| \`${variable}\` |`);
      }
    }
  });

  it('shows durations as one would write them, and no path of the machine it ran on', () => {
    expect(pageOf('configuration.md')).toMatch(/FLOTILLA_BEAT_INTERVAL.*`60s`/);
    expect([...pages.values()].join('')).not.toMatch(/\/root\/|\/home\/|\/tmp\//);
  });

  it('has every REST verb, and the surface of every service of the hub', () => {
    for (const { id } of REST_ROUTES) expect(pageOf('rest.md')).toContain(`\n## ${id}\n`);
    for (const service of HUB_SERVICES) expect(pageOf('subjects.md')).toContain(`\nFor the ${service}:\n`);
    expect(pageOf('subjects.md')).toContain('flotilla.v1.spoke.*.hello');
    expect(pageOf('grpc.md')).toContain('stream of `ApplicationEvent`');
  });

  it('has every command with its options', () => {
    expect(pageOf('cli.md')).toContain('\n### flotilla appset confirm-deletes\n');
    expect(pageOf('cli.md')).toContain('`--kubeconfig <file>`');
  });
});

describe('its Markdown', () => {
  it('keeps bars, line breaks and angle brackets from breaking a table', () => {
    expect(cell('a | b\n  c <d> `<e>`')).toBe('a \\| b c &lt;d> `<e>`');
    expect(fence('x', 'sh')).toBe('```sh\nx\n```');
  });
});
