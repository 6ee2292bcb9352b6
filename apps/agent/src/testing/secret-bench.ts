import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredApp, Grant } from '@flotilla/contracts';
import { expect } from 'vitest';
import { type AgentBench, eventually } from './agent-bench.js';

export const CANARY = 'canary-4f1d9b7e2a8c';
export const ROTATED = 'canary-rotated-91c3';
export const base64 = (text: string): string => Buffer.from(text).toString('base64');

export type VersionedGrant = Grant & { version: string };

/** A grant whose value can be asked for. */
export const give = (
  bench: AgentBench,
  app: DesiredApp,
  name: string,
  values: Record<string, string>,
  rest = {},
): Promise<VersionedGrant> => bench.hub.broker.grant(app, { namespace: bench.namespace, name }, values, rest);

export const secretText = ({ target }: Grant, password: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: target, type: 'Opaque', data: { password: base64(password) } });

/** Waits until the spoke says that it runs this version. */
export function received(bench: AgentBench, { id, version }: VersionedGrant): Promise<unknown> {
  return eventually('the receipt', () => {
    const receipt = bench.hub.broker.receipts.get(id);
    if (receipt?.done && receipt.version === version) return receipt;
    throw new Error(JSON.stringify(receipt));
  });
}

export async function dataOf(bench: AgentBench, name: string): Promise<Record<string, string> | undefined> {
  return (await bench.kube.get(bench.path('secrets', name)))?.data as Record<string, string> | undefined;
}

/** Neither a value nor its base64 or hex is anywhere but in the cluster. */
export async function expectClean(bench: AgentBench, logged: string): Promise<void> {
  const rows = [...bench.hub.apps.values()].map((app) => [app, ...app.rows.values()]);
  const said = JSON.stringify([bench.hub.answers, rows, [...bench.hub.broker.receipts.values()]]);
  const entries = await readdir(bench.stateDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0))));
  for (const value of [CANARY, ROTATED]) {
    for (const form of [value, base64(value).replace(/=+$/, ''), Buffer.from(value).toString('hex')]) {
      expect(logged.includes(form)).toBe(false);
      expect(said.includes(form)).toBe(false);
      expect(contents.some((content) => content.includes(form))).toBe(false);
    }
  }
}
