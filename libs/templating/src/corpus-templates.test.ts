import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@flotilla/kernel';
import { parseYaml } from '@flotilla/yaml';
import { describe, expect, test } from 'vitest';
import { compileGoJson } from './index.js';

const CORPUS = join(import.meta.dirname, '../../../test/corpus');
const documents = (folder: string): { file: string; document: Record<string, unknown> }[] =>
  globSync(`${folder}/*.yaml`, { cwd: CORPUS })
    .toSorted()
    .flatMap((file) =>
      parseYaml(readFileSync(join(CORPUS, file), 'utf8'))
        .filter(isObject)
        .map((document) => ({ file, document })),
    );

/** A notification's subject, as the notifier gives it to its templates. */
const subject = {
  app: {
    metadata: { name: 'web', namespace: 'argocd', labels: {} },
    spec: { destination: { namespace: 'prod' }, source: { repoURL: 'https://git.example.com/web' } },
    status: {
      health: { status: 'Degraded', message: 'no pods' },
      sync: { status: 'Synced', revision: '0123456789abcdef' },
      operationState: { phase: 'Failed', message: 'broken', startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:01:00Z' },
    },
  },
  context: { argocdUrl: 'https://argocd.example.com' },
};

describe('the Go templates of the corpus', () => {
  test('of notifications are read and name the application', () => {
    const templates = documents('notifications').flatMap(({ file, document }) =>
      Object.entries(isObject(document.data) ? document.data : {})
        .filter(([key]) => key.startsWith('template.'))
        .map(([key, text]) => ({ name: `${file} ${key}`, body: parseYaml(String(text))[0] })),
    );
    expect(templates.length).toBeGreaterThanOrEqual(4);
    for (const { name, body } of templates) {
      const text = compileGoJson(body, { options: ['missingkey=error'] }).render(subject);
      expect([name, text]).toEqual([name, expect.stringContaining('web')]);
    }
  });
});
