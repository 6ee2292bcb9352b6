import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const conditions = ['@flotilla/source'];

/** A package is known by its directory's name, a folder of test/ as test-NAME. */
const packages = ['libs', 'apps'].flatMap((kind) =>
  readdirSync(kind)
    .filter((name) => existsSync(`${kind}/${name}/package.json`))
    .map((name) => ({ name, root: `${kind}/${name}`, include: 'src/**/*.test.ts' })),
);
const tiers = ['architecture', 'contracts', 'scenarios', 'conformance', 'e2e', 'faults']
  // The fault sweep takes minutes: `npm run faults` sets FLOTILLA_FAULTS.
  .filter((name) => existsSync(`test/${name}`) && (name !== 'faults' || process.env.FLOTILLA_FAULTS === '1'))
  .map((name) => ({ name: `test-${name}`, root: `test/${name}`, include: '**/*.test.ts' }));

/**
 * `--project NAME` runs one of them, which Nx can cache. A run of everything is one project, so that each worker reads
 * a module once and not once per package.
 */
const parts = [...packages, ...tiers];
const projects = process.argv.some((argument) => argument.startsWith('--project'))
  ? parts.map(({ name, root, include }) => ({ name, root, include: [include] }))
  : [{ name: 'flotilla', root: '.', include: parts.map(({ root, include }) => `${root}/${include}`) }];

/** Tests that need a real Kubernetes control plane run where one is at hand (FLOTILLA_KUBE=1, set by `npm test`). */
const exclude = process.env.FLOTILLA_KUBE === '1' ? [] : ['**/*.kube.test.ts'];

/** The scenarios wait more than they work: started first, they fill the pauses of everything else. */
class WaitersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (tiers.some(({ root }) => moduleId.includes(`/${root}/`)) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    // Many tests wait for a server or a process: more than the cores keep the cores busy.
    maxWorkers: availableParallelism() + 2,
    fsModuleCache: true,
    sequence: { sequencer: WaitersFirst },
    projects: projects.map(({ name, root, include }) => ({
      resolve: { conditions },
      ssr: { resolve: { conditions, externalConditions: conditions } },
      test: {
        name,
        root,
        include,
        exclude: ['**/node_modules/**', '**/dist/**', ...exclude],
        environment: 'node' as const,
        // Tests start hundreds of processes, and a fork costs the more the larger the process that forks: no threads.
        pool: 'forks' as const,
        // A tenth of the time would go into loading the same modules for every file; no test leaves state in one.
        isolate: false,
        testTimeout: 120_000,
        hookTimeout: 180_000,
        server: { deps: { inline: [/@flotilla\//] } },
      },
    })),
  },
});
