import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AdmissionContext, admit, findDuplicates } from '@flotilla/admission';
import { type AppProject, type Cluster, KINDS, type ResourceDocument } from '@flotilla/contracts';
import { parseYaml } from '@flotilla/yaml';
import { describe, expect, it } from 'vitest';

const DIRECTORY = fileURLToPath(new URL('../../deploy/examples', import.meta.url));
const files = readdirSync(DIRECTORY);

const cluster = (name: string): Cluster => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: { fleet: 'shop' } },
  spec: { accepted: true },
});

const documents = files.flatMap((file) =>
  parseYaml(readFileSync(join(DIRECTORY, file), 'utf8'), { file }).map((raw) => ({ file, raw: raw as ResourceDocument })),
);
const project = (name: string): AppProject | undefined =>
  documents.map(({ raw }) => raw).find(({ kind, metadata }) => kind === 'AppProject' && metadata.name === name) as AppProject | undefined;
const context: AdmissionContext = { strict: true, project, clusters: ['dev-eu', 'staging-eu', 'prod-us'].map(cluster) };

describe('deploy/examples', () => {
  it.each(documents.map(({ file, raw }) => [`${raw.kind} ${raw.metadata.name}`, file, raw] as const))(
    'has %s in %s, which admission takes without an error or a warning, also when it is strict',
    (_name, _file, raw) => {
      const { errors, warnings } = admit(raw, context);
      expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    },
  );

  it('shows every kind that people write, each name once', () => {
    const kinds = new Set(documents.map(({ raw }) => raw.kind));
    const written = KINDS.map(({ kind }) => kind).filter((kind) =>
      ['Application', 'ApplicationSet', 'AppProject', 'RolloutPolicy', 'Secret'].includes(kind),
    );
    expect(written.filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(findDuplicates(documents.map(({ raw }) => raw))).toEqual([]);
  });
});
