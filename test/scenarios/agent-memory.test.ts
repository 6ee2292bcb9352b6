import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StoryProcess, until } from '@flotilla/demo';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { startClusters } from '@flotilla/sim';
import { freePort, startNats } from '@flotilla/testkit';
import { afterEach, expect, test } from 'vitest';
import { silentLog } from '../../apps/agent/src/log.js';
import { AgentState } from '../../apps/agent/src/state/agent-state.js';
import { DiskStateStore } from '../../apps/agent/src/state/state.store.disk.js';
import { HubOnNats } from '../../apps/agent/src/testing/hub-on-nats.js';

const OBJECTS = 500;
const LIMIT_MIB = 90;
const NAMESPACE = 'many';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

function configMaps(version: string): Record<string, unknown>[] {
  return Array.from({ length: OBJECTS }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `settings-${i}` },
    data: { version, text: `line of settings ${i}\n`.repeat(20) },
  }));
}

/** An agent process on a simulated cluster, with a hub whose documents are signed by hand. */
async function startAgentProcess(): Promise<{ hub: HubOnNats; residentMiB: () => Promise<number> }> {
  const directory = mkdtempSync(join(tmpdir(), 'flotilla-memory-'));
  stops.push(() => rmSync(directory, { recursive: true, force: true }));
  const [cluster] = await startClusters({ clusters: ['one'], directory }, () => {});
  stops.push(() => cluster?.stop());
  const kubeconfig = join(directory, 'one.kubeconfig');
  const client = new KubeClient(loadKubeconfig(kubeconfig));
  await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } } });
  client.close();
  const nats = await startNats();
  stops.push(() => nats.stop());
  const hub = await HubOnNats.start(nats.url);
  stops.push(() => hub.stop());
  const dataDir = join(directory, 'state');
  await new AgentState(new DiskStateStore(dataDir), silentLog).saveIdentity(hub.hub.identity);
  const listen = `127.0.0.1:${await freePort()}`;
  const env = { KUBECONFIG: kubeconfig, FLOTILLA_AGENT_DATA_DIR: dataDir, FLOTILLA_AGENT_LISTEN: listen };
  const agent = new StoryProcess({ name: 'agent', app: 'agent', args: [], env, logDirectory: directory });
  agent.start();
  stops.push(() => agent.stop());
  const residentMiB = async (): Promise<number> => {
    const text = await (await fetch(`http://${listen}/metrics`)).text();
    return Number(/^flotilla_agent_resident_bytes (\d+)/m.exec(text)?.[1]) / 1024 / 1024;
  };
  return { hub, residentMiB };
}

test(`an agent process stays below ${LIMIT_MIB} MiB with ${OBJECTS} ConfigMaps applied, changed and at rest`, async () => {
  const { hub, residentMiB } = await startAgentProcess();
  await until('the agent to say hello', async () => hub.hub.hellos.length > 0);
  for (const version of ['one', 'two']) {
    const bundle = await hub.hub.bundle(configMaps(version));
    const automated = { prune: true, selfHeal: true };
    const names = { uid: 'uid-many', namespace: 'argocd', name: 'many', project: 'default', release: version, revision: version };
    hub.hub.assign([{ ...names, bundle, destinationNamespace: NAMESPACE, syncPolicy: { automated }, apply: true }]);
    hub.wake();
    await until(`version ${version} to be Synced`, async () => {
      const status = hub.hub.apps.get('uid-many');
      return status?.bundle === bundle && status.sync === 'Synced' && status.rows.size === OBJECTS;
    });
  }
  // Connections nobody uses are closed, the backup is written, and then memory is given back: within a quarter of a minute.
  const resident = await until(`less than ${LIMIT_MIB} MiB`, async () => {
    const now = await residentMiB();
    if (now < LIMIT_MIB) return now;
    throw new Error(`${now.toFixed(1)} MiB`);
  });
  expect(resident).toBeGreaterThan(20);
});

test('an agent loads neither an HTTP/2 nor a fetch stack', async () => {
  const start = fileURLToPath(new URL('../../apps/agent/dist/src/start-agent.js', import.meta.url));
  const script = `await import(${JSON.stringify(start)});
    console.log(process.moduleLoadList.filter((name) => /undici|http2/.test(name)).join(' '));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout.trim()).toBe('');
});
