import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitMirror, GitRunner, KeptRenders } from '@flotilla/renderer';
import { type GitRepository, type GitServer, startGitServer } from '@flotilla/testkit';
import type { BenchContext, Benchmark, BenchRow } from '../run/benchmark.js';
import { interleave, timed, verify } from '../run/measure.js';

const HREF = 'https://git.example.org/monorepo.git';
const FILES = ['deployment.yaml', 'service.yaml', 'overlays/prod/patch.yaml'];
const ROUNDS = 7;
const WARM_UPS = 1;

interface Monorepo {
  server: GitServer;
  repository: GitRepository;
  mirror: GitMirror;
  runner: GitRunner;
  apps: number;
}

interface Change {
  from: string;
  to: string;
  /** Directories it changes, sorted. */
  directories: string[];
}

const directoryOf = (i: number): string => `apps/app-${String(i).padStart(5, '0')}`;
const contentOf = (directory: string, file: string, round: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${directory.slice(5)}-${file.length}\ndata:\n  round: "${round}"\n`;

async function makeMonorepo(apps: number, context: BenchContext): Promise<Monorepo> {
  const server = await startGitServer();
  context.afterwards(() => server.stop());
  const files: Record<string, string> = { 'README.md': 'a monorepo' };
  for (let i = 0; i < apps; i++) for (const file of FILES) files[`${directoryOf(i)}/${file}`] = contentOf(directoryOf(i), file, 'none');
  const repository = await server.createRepo('monorepo', files);
  const options = { path: process.env.PATH ?? '', secretsDir: tmpdir(), fetchTimeoutMs: 60_000, maxPackBytes: 1 << 30 };
  const runner = new GitRunner(options);
  const mirror = new GitMirror(runner, join(context.directory, 'monorepo.git'), 'monorepo');
  context.afterwards(() => mirror.close());
  return { server, repository, mirror, runner, apps };
}

/** One commit per round, so that none is compared twice. */
async function makeChanges({ server, repository, apps }: Monorepo, touched: number): Promise<Change[]> {
  const changes: Change[] = [];
  let from = (await server.repositories.resolve(repository, 'main'))!;
  for (let round = 1; round <= ROUNDS + WARM_UPS; round++) {
    const step = Math.max(1, Math.floor(apps / touched));
    const directories = Array.from({ length: touched }, (_, i) => directoryOf((i * step + round) % apps)).sort();
    const entries = directories.map(
      (directory) => [`${directory}/${FILES[2]}`, contentOf(directory, FILES[2]!, `${touched} ${round}`)] as const,
    );
    const to = await server.commit(repository, Object.fromEntries(entries), `round ${round}`);
    changes.push({ from, to, directories });
    from = to;
  }
  return changes;
}

async function fetchMain({ mirror, repository }: Monorepo): Promise<void> {
  await mirror.fetch(repository.fileUrl, { env: { GIT_ALLOW_PROTOCOL: 'file' }, files: {}, secrets: [] }, ['refs/heads/main']);
}

/** Every application as the renderer keeps it after its render: its directory is what it read. */
function keepAll(kept: KeptRenders, { apps }: Monorepo, commit: string): void {
  for (let i = 0; i < apps; i++) {
    const uid = directoryOf(i);
    const answer = { uid, bundle: `bundle-${i}`, renderKey: `key-${i}`, objects: FILES.length, conditions: [] };
    kept.keep({ uid, inputs: 'same', sources: [{ href: HREF, commit }], reads: [{ href: HREF, path: uid }], answer });
  }
}

/** All applications asked one by one, as the render verb does; what is not kept would be planned. */
async function answerAll(kept: KeptRenders, { apps, mirror }: Monorepo, commit: string): Promise<string[]> {
  const planned: string[] = [];
  const sources = [{ href: HREF, commit, comparison: mirror }];
  for (let i = 0; i < apps; i++) if (!(await kept.find(directoryOf(i), 'same', sources))) planned.push(directoryOf(i));
  return planned;
}

async function measure(repo: Monorepo, touched: number): Promise<BenchRow> {
  const { mirror, runner } = repo;
  const changes = await makeChanges(repo, touched);
  await fetchMain(repo);
  const kept = new KeptRenders(() => 0);
  keepAll(kept, repo, changes[0]!.from);
  const { ours, reference } = await interleave(
    ROUNDS,
    {
      ours: async (round) => {
        const { from, to, directories } = changes[round]!;
        let found: string[] | undefined;
        const ms = await timed(async () => {
          found = await kept.touched(HREF, mirror, from, to);
        });
        verify(JSON.stringify(found?.sort()) === JSON.stringify(directories), `${found?.length} of ${touched} applications`);
        return ms;
      },
      reference: async (round) => {
        const { from, to, directories } = changes[round]!;
        let lines = 0;
        const ms = await timed(async () => {
          const { stdout } = await runner.local(mirror.dir, ['diff-tree', '-r', '-z', '--name-only', from, to]);
          lines = stdout.toString().split('\0').length - 1;
        });
        verify(lines === directories.length, `${lines} changed files`);
        return ms;
      },
    },
    WARM_UPS,
  );
  return { ...(await rowOf(repo, changes, touched)), oursMs: ours, referenceMs: reference };
}

/** The last commit once more, asked for by every application: those it touches are planned, the others keep their bundle. */
async function rowOf(repo: Monorepo, changes: readonly Change[], touched: number): Promise<Omit<BenchRow, 'oursMs' | 'referenceMs'>> {
  const last = changes.at(-1)!;
  const kept = new KeptRenders(() => 0);
  keepAll(kept, repo, last.from);
  let planned: string[] = [];
  const ms = await timed(async () => {
    planned = await answerAll(kept, repo, last.to);
  });
  verify(JSON.stringify(planned) === JSON.stringify(last.directories), `${planned.length} of ${touched} applications are planned`);
  const names = await readdir(repo.mirror.dir);
  verify(!names.includes('index') && !names.includes('.git'), 'nothing was checked out');
  const directories = touched === 1 ? '1 directory' : `${touched} directories`;
  return {
    key: `b15-${touched}-of-${repo.apps}`,
    work: `commit in ${directories} of a repository with ${repo.apps} applications -> those it changes`,
    reference: 'git diff-tree of the same commits',
    rounds: ROUNDS,
    ambition: '<= 2x diff-tree',
    notes: [`${repo.apps} applications asking for their bundle at that commit: ${ms.toFixed(0)} ms, ${planned.length} of them are planned`],
  };
}

export const MONOREPO: Benchmark = {
  id: 'b15',
  title: 'from a commit in a monorepo to the applications it changes',
  async run(context) {
    const repo = await makeMonorepo(context.quick ? 2_000 : 10_000, context);
    const rows: BenchRow[] = [];
    for (const touched of [1, context.quick ? 200 : 1_000]) rows.push(await measure(repo, touched));
    return rows;
  },
};
