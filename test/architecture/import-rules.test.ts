import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkImports, IMPORT_RULES, KITS, PURE, TEST_LIBS } from './import-rules.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLANTED = fileURLToPath(new URL('./planted/imports', import.meta.url));

test('imports keep the rules of the house', async () => {
  const { modules, summary } = await checkImports(ROOT, ['apps', 'libs']);
  expect(modules.length).toBeGreaterThan(300);
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
}, 120_000);

test('every library is known as pure, a kit, or for tests', () => {
  expect(readdirSync(join(ROOT, 'libs')).toSorted()).toEqual([...PURE, ...KITS, ...TEST_LIBS].toSorted());
});

describe('a planted violation fires', async () => {
  const { summary } = await checkImports(PLANTED, ['apps', 'libs']);
  const fired = new Set(summary.violations.map(({ rule }) => rule.name));
  test.each(IMPORT_RULES.map(({ name }) => name!))('%s', (name) => {
    expect(fired).toContain(name);
  });
});
