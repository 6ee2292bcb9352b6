import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_PROCESS } from '@flotilla/agent';
import type { Application } from '@flotilla/contracts';
import { isSettled, StoryProcess } from '@flotilla/demo';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { findKubernetes, type Kubernetes, startKubernetes } from '@flotilla/testkit';
import { hasKubectl, kubectlApply } from '../apply/kubectl.js';
import { BenchHub, residentMiB } from '../run/bench-hub.js';
import type { BenchContext, Benchmark, BenchRow } from '../run/benchmark.js';
import { interleave, median, verify } from '../run/measure.js';

const CLUSTER = 'real';
const NAMESPACES = { ours: 'bench-ours', kubectl: 'bench-kubectl' } as const;
const OBJECTS = 3;
const APPLICATIONS = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications';
const PATIENCE_MS = 300_000;

/** A ConfigMap, a Service and a ServiceAccount, each changed by another version. */
function manifests(i: number, version: string): Record<string, string> {
  const head = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: app-${i}\n  labels:\n    version: ${version}\n`;
  return {
    'configmap.yaml': `${head('v1', 'ConfigMap')}data:\n  version: ${version}\n`,
    'service.yaml': `${head('v1', 'Service')}spec:\n  selector:\n    app: app-${i}\n  ports:\n    - port: 80\n`,
    'serviceaccount.yaml': head('v1', 'ServiceAccount'),
  };
}

function fleetFiles(count: number, version: string): Record<string, string> {
  const entries = Array.from({ length: count }, (_, i) =>
    Object.entries(manifests(i, version)).map(([name, text]) => [`apps/app-${i}/${name}`, text] as const),
  );
  return Object.fromEntries(entries.flat());
}

export const MAIN_JOB: Benchmark = {
  id: 'b21',
  title: '100 applications x 3 objects on a real API server: commit and hint -> all Synced and Healthy',
  async run(context) {
    if (!hasKubectl()) throw new Error('kubectl is not on PATH, and it is the reference');
    if (!findKubernetes()) {
      context.say('b21 SKIPPED: no control plane at hand; run `npm run kube` once to include it');
      return [];
    }
    const kubernetes = await startKubernetes();
    context.afterwards(() => kubernetes.stop());
    return [await onKubernetes(context, kubernetes)];
  },
};

async function onKubernetes({ quick, directory, say, afterwards }: BenchContext, { kubeconfig }: Kubernetes): Promise<BenchRow> {
  const count = quick ? 20 : 100;
  const home = join(directory, 'b21');
  mkdirSync(join(home, 'agent'), { recursive: true });
  const client = new KubeClient(loadKubeconfig(kubeconfig));
  afterwards(() => client.close());
  for (const name of Object.values(NAMESPACES)) {
    await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
  }
  const bench = await BenchHub.start(home, fleetFiles(count, 'v0'));
  afterwards(() => bench.stop());
  const env = {
    KUBECONFIG: kubeconfig,
    FLOTILLA_JOIN_TOKEN: await bench.fleet.joinToken(CLUSTER, {}),
    FLOTILLA_AGENT_DATA_DIR: join(home, 'agent'),
    ...AGENT_PROCESS.env,
  };
  const agent = new StoryProcess({ name: 'agent', app: 'agent', args: [], env, logDirectory: join(home, 'logs') });
  agent.start();
  afterwards(() => agent.stop());
  await bench.applyProject();
  const first = await bench.repository.push('v0');
  const begun = Date.now();
  const generator = { git: { repoURL: bench.repository.url, revision: 'main', directories: [{ path: 'apps/*' }] } };
  const application = { name: '{{path.basename}}', path: '{{path}}', cluster: CLUSTER, namespace: NAMESPACES.ours, policy: 'none' };
  await bench.applySet('job', generator, application);
  await settled(bench, count, first);
  say(`b21: first sync of ${count} applications in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  return await contest({ bench, client, kubeconfig, home, count, agentPid: agent.pid ?? 0, rounds: quick ? 3 : 5 });
}

interface Contest {
  bench: BenchHub;
  client: KubeClient;
  kubeconfig: string;
  home: string;
  count: number;
  agentPid: number;
  rounds: number;
}

async function contest({ bench, client, kubeconfig, home, count, agentPid, rounds }: Contest): Promise<BenchRow> {
  const cpu: { hub: number; postgres: number }[] = [];
  const { ours, kubectl } = await interleave(rounds, {
    ours: async (round) => {
      for (const [path, text] of Object.entries(fleetFiles(count, `v${round + 1}`))) await bench.repository.edit(path, () => text);
      const commit = await bench.repository.push(`v${round + 1}`);
      const before = bench.cpu();
      const startedAt = performance.now();
      await bench.fleet.hint(bench.repository.url);
      await settled(bench, count, commit);
      const ms = performance.now() - startedAt;
      const after = bench.cpu();
      cpu.push({ hub: after.hub - before.hub, postgres: after.postgres - before.postgres });
      return ms;
    },
    kubectl: async (round) => {
      const tree = join(home, `tree-${round}`);
      for (const [path, text] of Object.entries(fleetFiles(count, `v${round + 1}`))) {
        mkdirSync(join(tree, path, '..'), { recursive: true });
        writeFileSync(join(tree, path), text);
      }
      const startedAt = performance.now();
      const applied = await kubectlApply(kubeconfig, NAMESPACES.kubectl, tree);
      verify(applied === count * OBJECTS, `kubectl applied ${applied} of ${count * OBJECTS}`);
      return performance.now() - startedAt;
    },
  });
  for (const namespace of Object.values(NAMESPACES)) await verifyLive(client, namespace, count, `v${rounds + 1}`);
  return {
    key: `b21-${count}`,
    work: `${count} applications x ${OBJECTS} objects, every file changed: commit and hint -> all Synced and Healthy`,
    oursMs: ours,
    reference: 'kubectl apply --server-side of all files',
    referenceMs: kubectl,
    rounds,
    ambition: '<= 2 s, <= 2x kubectl (Argo CD: 45 s)',
    notes: [
      `CPU per commit: hub ${median(cpu.map(({ hub }) => hub)).toFixed(0)} ms, PostgreSQL ${median(cpu.map(({ postgres }) => postgres)).toFixed(0)} ms`,
      `RSS: hub ${bench.rssMiB()} MiB, agent ${residentMiB(agentPid)} MiB`,
    ],
  };
}

/** Through a watch of the hub's Kubernetes API, as `kubectl get -w` has it: asking again and again would be most of the hub's work. */
async function settled(bench: BenchHub, count: number, commit: string): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const done = new Set<string>();
  const look = (object: object): void => {
    const application = object as Application;
    const isDone = isSettled(application) && isAt(application.status?.sync, commit);
    if (isDone) done.add(application.metadata.name);
    else done.delete(application.metadata.name);
  };
  const { items, resourceVersion } = await bench.hub.client.list(APPLICATIONS);
  items.forEach(look);
  const events = bench.hub.client.watch(APPLICATIONS, { resourceVersion, signal })[Symbol.asyncIterator]();
  while (done.size < count) {
    const event = await events.next();
    if (event.done) throw new Error(`${done.size} of ${count} applications settled before the watch ended, or in ${PATIENCE_MS / 1000} s`);
    if (event.value.type !== 'BOOKMARK') look(event.value.object);
  }
  await events.return?.(undefined);
}

const isAt = (sync: { revision?: string } | undefined, commit: string): boolean => sync?.revision?.startsWith(commit) ?? false;

async function verifyLive(client: KubeClient, namespace: string, count: number, version: string): Promise<void> {
  for (const plural of ['configmaps', 'services', 'serviceaccounts']) {
    const { items } = await client.list(`/api/v1/namespaces/${namespace}/${plural}`, { labelSelector: `version=${version}` });
    verify(items.length === count, `${items.length} of ${count} ${plural} of ${version} in ${namespace}`);
  }
}
