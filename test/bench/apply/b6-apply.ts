import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_PROCESS } from '@flotilla/agent';
import { StoryProcess, until } from '@flotilla/demo';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { findKubernetes, startKubernetes } from '@flotilla/testkit';
import type { BenchContext, Benchmark, BenchRow } from '../run/benchmark.js';
import { Companion } from '../run/channel.js';
import { interleave, median, timed, verify } from '../run/measure.js';
import { SlowProxy } from '../run/slow-proxy.js';
import type { ApplyResult, ApplyTask } from './apply-agent.js';
import { asFile, configMaps } from './configmaps.js';
import { hasKubectl, kubectlApply } from './kubectl.js';

const WAYS = 32;
const NAMESPACES = { agent: 'bench-agent', kubectl: 'bench-kubectl', bare: 'bench-bare' } as const;
const MIB = 1024 * 1024;

interface Place {
  key: string;
  name: string;
  kubeconfig: string;
  ambition: string;
}

export const APPLY: Benchmark = {
  id: 'b6',
  title: 'the agent applies 500 ConfigMaps, against kubectl and a bare loop',
  async run(context) {
    if (!hasKubectl()) throw new Error('kubectl is not on PATH, and it is the reference');
    return [...(await onSimulator(context)), ...(await onKubernetes(context))];
  },
};

async function onKubernetes(context: BenchContext): Promise<BenchRow[]> {
  if (!findKubernetes()) {
    context.say('b6 SKIPPED on a real API server: no control plane at hand; run `npm run kube` once to include it');
    return [];
  }
  const kubernetes = await startKubernetes();
  context.afterwards(() => kubernetes.stop());
  const ambition = '<= 0.4 of kubectl, <= 1.1 of the bare loop';
  return compare(context, { key: 'real', name: 'kube-apiserver 1.36', kubeconfig: kubernetes.kubeconfig, ambition });
}

async function onSimulator(context: BenchContext): Promise<BenchRow[]> {
  const directory = join(context.directory, 'simulated');
  mkdirSync(directory);
  const sim = new StoryProcess({
    name: 'sim',
    app: 'sim',
    args: ['--clusters', 'near,far', '--directory', directory],
    logDirectory: directory,
  });
  sim.start();
  context.afterwards(() => sim.stop());
  const kubeconfig = (name: string): string => join(directory, `${name}.kubeconfig`);
  for (const name of ['near', 'far']) {
    await until(`cluster ${name}`, async () => {
      if (!sim.isRunning) throw new Error(sim.lastLines());
      const client = new KubeClient(loadKubeconfig(kubeconfig(name)));
      const namespace = await client.get('/api/v1/namespaces/default');
      client.close();
      return namespace;
    });
  }
  const near = await compare(context, { key: 'sim', name: 'the simulator', kubeconfig: kubeconfig('near'), ambition: '' });
  const server = new URL(loadKubeconfig(kubeconfig('far')).server);
  const proxy = await SlowProxy.start(Number(server.port), 5);
  context.afterwards(() => proxy.stop());
  const text = readFileSync(kubeconfig('far'), 'utf8').replaceAll(`:${server.port}`, `:${proxy.port}`);
  writeFileSync(kubeconfig('slow'), text, { mode: 0o600 });
  const far = await compare(context, {
    key: 'sim5ms',
    name: 'the simulator +5 ms',
    kubeconfig: kubeconfig('slow'),
    ambition: '<= 0.083 of kubectl',
  });
  return [...near, ...far];
}

async function compare(context: BenchContext, place: Place): Promise<BenchRow[]> {
  const count = context.quick ? 100 : 500;
  const rounds = context.quick ? 3 : 5;
  const directory = join(context.directory, `b6-${place.key}`);
  mkdirSync(directory);
  const client = new KubeClient(loadKubeconfig(place.kubeconfig));
  for (const name of Object.values(NAMESPACES)) {
    await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
  }
  const { companion, ready } = await Companion.start(
    new URL('./apply-agent.js', import.meta.url),
    [place.kubeconfig, NAMESPACES.agent, join(directory, 'state')],
    AGENT_PROCESS,
  );
  context.afterwards(() => client.close());
  context.afterwards(() => companion.stop());
  return contest(place, { client, companion, count, rounds, directory, idleBytes: ready.rssBytes });
}

interface Contest {
  client: KubeClient;
  companion: Companion;
  count: number;
  rounds: number;
  directory: string;
  idleBytes: number;
}

async function contest(place: Place, { client, companion, count, rounds, directory, idleBytes }: Contest): Promise<BenchRow[]> {
  const changes: ApplyResult[] = [];
  const repeats: ApplyResult[] = [];
  const assign = async (task: ApplyTask, results: ApplyResult[]): Promise<number> => {
    const result = await companion.ask<ApplyResult>(task);
    verify(result.objects === count, `${result.objects} of ${count} objects Synced`);
    results.push(result);
    return result.ms;
  };
  const file = (version: string): string => join(directory, `${version}.json`);
  const apply = (version: string): Promise<number> =>
    timed(async () => {
      const applied = await kubectlApply(place.kubeconfig, NAMESPACES.kubectl, file(version));
      verify(applied === count, `kubectl applied ${applied} of ${count}`);
    });
  const times = await interleave(rounds, {
    agent: (round) => assign({ count, version: `v${round}`, release: `r${round}` }, changes),
    kubectl: (round) => {
      writeFileSync(file(`v${round}`), asFile(configMaps(count, `v${round}`)));
      return apply(`v${round}`);
    },
    bare: (round) => timed(() => bareLoop(client, configMaps(count, `v${round}`, NAMESPACES.bare))),
    again: (round) => assign({ count, version: `v${round}`, release: `again${round}` }, repeats),
    kubectlAgain: (round) => apply(`v${round}`),
  });
  await verifyLive(client, count, `v${rounds}`);
  const patches = (results: readonly ApplyResult[]): number => results.reduce((sum, { requests }) => sum + (requests.PATCH ?? 0), 0);
  verify(patches(changes) === count * changes.length, `${patches(changes)} PATCH for ${changes.length} changes of ${count}`);
  verify(patches(repeats) === 0, `${patches(repeats)} PATCH for runs without a change`);
  const counted = changes.slice(1);
  const perObject = counted.map(({ requests }) => Object.values(requests).reduce((a, b) => a + b, 0) / count);
  const rss = (bytes: number): string => (bytes / MIB).toFixed(0);
  const work = `${count} changed ConfigMaps on ${place.name}`;
  const ours = { oursMs: times.agent, rounds, ambition: place.ambition };
  return [
    {
      ...ours,
      key: `b6-${place.key}-${count}-kubectl`,
      work,
      reference: 'kubectl apply --server-side',
      referenceMs: times.kubectl,
      notes: [
        `${Math.round((count / times.agent) * 1000)} objects/s, ${median(perObject).toFixed(2)} requests per object, agent CPU ${median(counted.map(({ cpuMs }) => cpuMs)).toFixed(0)} ms per run`,
        `RSS of the agent process (with the hand that signs its documents): ${rss(idleBytes)} MiB idle, ${rss(Math.max(...repeats.map(({ rssBytes }) => rssBytes)))} MiB after`,
      ],
    },
    { ...ours, key: `b6-${place.key}-${count}-bare`, work, reference: `bare ${WAYS}-way PATCH loop`, referenceMs: times.bare, notes: [] },
    {
      key: `b6-${place.key}-${count}-again`,
      work: `the same ${count} again on ${place.name}`,
      oursMs: times.again,
      reference: 'kubectl apply --server-side',
      referenceMs: times.kubectlAgain,
      rounds,
      ambition: '0 PATCH, <= 0.01 of kubectl',
      notes: [`0 PATCH in ${repeats.length} runs; requests ${JSON.stringify(repeats.at(-1)?.requests)}`],
    },
  ];
}

async function bareLoop(client: KubeClient, objects: readonly Record<string, unknown>[]): Promise<void> {
  const left = [...objects];
  const way = async (): Promise<void> => {
    for (let object = left.pop(); object; object = left.pop()) {
      const { name } = object.metadata as { name: string };
      await client.apply(`/api/v1/namespaces/${NAMESPACES.bare}/configmaps/${name}`, object, { fieldManager: 'bare', force: true });
    }
  };
  await Promise.all(Array.from({ length: WAYS }, way));
}

/** All three namespaces hold the same content in the end. */
async function verifyLive(client: KubeClient, count: number, version: string): Promise<void> {
  for (const namespace of Object.values(NAMESPACES)) {
    const { items } = await client.list(`/api/v1/namespaces/${namespace}/configmaps`, { labelSelector: 'app=bench' });
    const right = items.filter(({ data }) => (data as { version?: string }).version === version).length;
    verify(right === count && items.length === count, `${namespace} holds ${right} of ${count} objects of ${version}`);
  }
}
