import { createHmac } from 'node:crypto';
import { type Clock, limiter, newUid, systemClock } from '@flotilla/kernel';
import { envelopeOpener } from '@flotilla/keyring';
import { inClusterConfig, KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import type { AgentConfig } from './agent.config.js';
import { AGENT_VERSION, Agent } from './agent.js';
import { AutoscaledTargets } from './cluster/autoscaled-targets.js';
import type { ClusterClient, OpenClient } from './cluster/cluster.client.js';
import { followAutoscalers } from './cluster/follow-autoscalers.js';
import { KindWatches } from './cluster/kind-watches.js';
import { ObservedCache } from './cluster/observed-cache.js';
import { BundleCache } from './desired/bundle-cache.js';
import { readObject } from './desired/read-object.js';
import { expiryOf, renewIdentity } from './enrol/enrol-spoke.js';
import { obtainIdentity } from './enrol/obtain-identity.js';
import type { HubLink } from './link/hub.link.js';
import { NatsHubLink } from './link/hub.link.nats.js';
import { HubLine } from './link/hub-line.js';
import { jsonLog, type Log } from './log.js';
import { MemoryRest } from './memory-rest.js';
import { denialOf } from './plan/allow-list.js';
import { SecretFollower } from './secrets/secret-follower.js';
import { SecretVault } from './secrets/secret-vault.js';
import { serveProbes } from './serve-probes.js';
import { AgentState, type Identity } from './state/agent-state.js';
import { ClusterBackup } from './state/cluster-backup.js';
import { RecordKeeper } from './state/record-keeper.js';
import { DiskStateStore } from './state/state.store.disk.js';
import type { StateStore } from './state/state.store.js';
import { KubeStateStore } from './state/state.store.kube.js';
import { StatusLedger } from './status/status-ledger.js';
import { Engine } from './sync/engine.js';
import type { SpokeContext } from './sync/spoke-context.js';
import { startTracing } from './trace/start-tracing.js';
import type { Tracing } from './trace/tracing.js';

/** What a test or another process puts in the place of the real thing. */
export interface AgentPorts {
  client?: ClusterClient;
  store?: StateStore;
  /** Null keeps nothing in the cluster. */
  clusterStore?: StateStore | null;
  connect?: (identity: () => Identity) => Promise<HubLink>;
  log?: Log;
  clock?: Clock;
  tracing?: Tracing;
}

export interface RunningAgent {
  identity: Identity;
  /** Resolves with the reason when the agent ends by itself: another instance took its place. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

/** Starts an agent: composition and order of start and stop. @throws when there is neither an identity nor a usable join token */
export async function startAgent(config: AgentConfig, ports: AgentPorts = {}): Promise<RunningAgent> {
  const clock = ports.clock ?? systemClock;
  const log = ports.log ?? jsonLog(config.logLevel, (line) => process.stdout.write(line));
  const cluster = openCluster(config, ports);
  const { client } = cluster;
  const { state, identity, keeper, vault } = await openState(config, ports, { client, clock, log });
  const tracing = ports.tracing ?? (await startTracing(config.otlpEndpoint, AGENT_VERSION));
  const context = makeContext(config, { client, identity, state, vault, keeper, clock, log, tracing });
  const { agentAllowNamespaces: namespaces, agentRelistMs: relistIntervalMs } = config;
  const watching = { ...context, openClient: cluster.openClient, namespaces, relistIntervalMs, random: Math.random };
  const watches = new KindWatches(watching);
  let end: (reason: string) => void = () => {};
  const ending = new Promise<string>((resolve) => {
    end = resolve;
  });
  const rest = new MemoryRest();
  const onStop = (reason: string): void => end(reason);
  const { agent, engine } = await makeAgent(config, { rest, context, watches, state, identity, vault, keeper, onStop });
  const autoscalers = followAutoscalers(context.autoscaled, watching);
  await agent.resume();
  const line = new HubLine(identity, {
    connect: ports.connect ?? ((current) => connectNats(current, log)),
    renew: (current) => renewIdentity(current, clock.now()),
    save: (renewed) => state.saveIdentity(renewed),
    expiryOf,
    onLine: (link) => agent.onLine(link),
    clock,
    log,
    random: Math.random,
  });
  line.start();
  const probes = config.agentListen
    ? await serveProbes(config.agentListen, () => ({ ...agent.beat(), objects: context.cache.size }))
    : undefined;
  const stop = once(async () => {
    rest.stop();
    agent.stop();
    await line.stop();
    await engine.stop();
    autoscalers.abort();
    await watches.stop();
    await keeper.stop();
    await probes?.close();
    await tracing.stop();
    client.close();
  });
  const ended = ending.then(async (reason) => {
    log('error', 'agent ends', { reason });
    await stop();
    return reason;
  });
  return { identity, ended, stop };
}

/** What the agent knows from before: its own disk, else the copy in the cluster, else what a join token gets it. */
async function openState(
  config: AgentConfig,
  ports: AgentPorts,
  { client, clock, log }: { client: ClusterClient; clock: Clock; log: Log },
): Promise<{ state: AgentState; identity: Identity; keeper: RecordKeeper; vault: SecretVault }> {
  const state = new AgentState(ports.store ?? new DiskStateStore(config.agentDataDir), log);
  const clusterStore = ports.clusterStore === undefined ? new KubeStateStore(client, config.agentNamespace) : ports.clusterStore;
  const backup = clusterStore ? new ClusterBackup(state, clusterStore, log) : undefined;
  const identity = await obtainIdentity({ state, backup, client, joinToken: config.joinToken, clock, log });
  const vault = new SecretVault(state, { ...identity, open: envelopeOpener() });
  await vault.load();
  return { state, identity, keeper: new RecordKeeper(state, backup, clock, log), vault };
}

interface AgentMakings {
  rest: MemoryRest;
  context: SpokeContext;
  watches: KindWatches;
  state: AgentState;
  identity: Identity;
  vault: SecretVault;
  keeper: RecordKeeper;
  onStop: (reason: string) => void;
}

async function makeAgent(config: AgentConfig, makings: AgentMakings): Promise<{ agent: Agent; engine: Engine }> {
  const { rest, context, watches, state, identity, vault, keeper, onStop } = makings;
  const ledger = new StatusLedger();
  const bundles = new BundleCache(state);
  const allowed = { namespaces: config.agentAllowNamespaces, kinds: config.agentAllowKinds };
  let agent: Agent | undefined;
  const { clock, log } = context;
  const secrets: SecretFollower = new SecretFollower({ vault, clock, log, random: Math.random, onChange: (uid) => engine.lookAt(uid) });
  const engine: Engine = new Engine(
    {
      context,
      watches,
      ledger,
      loadBundle: (digest) => bundles.load(digest),
      secrets: { versionOf: (grant) => vault.versionOf(grant), reasonFor: (id) => secrets.reasonFor(id) },
      denial: (item) => denialOf(allowed, item),
      forgetRecord: (uid) => keeper.forget(uid),
      onStatus: () => {
        rest.touched();
        agent?.poke();
      },
    },
    await state.loadRecords(),
  );
  const onTakenUp = (): void => keeper.backupSoon();
  agent = new Agent({ identity, instanceId: newUid(), context, state, bundles, engine, ledger, secrets, clock, onTakenUp, onStop });
  return { agent, engine };
}

/** The client to act with, and how to open further ones for watches. */
function openCluster(config: AgentConfig, ports: AgentPorts): { client: ClusterClient; openClient: OpenClient } {
  const given = ports.client;
  if (given) return { client: given, openClient: () => ({ client: given, release: () => {} }) };
  const kubeConfig = config.kubeconfig ? loadKubeconfig(config.kubeconfig, config.agentContext) : inClusterConfig(config);
  const openClient = () => {
    const client = new KubeClient(kubeConfig);
    return { client, release: () => client.close() };
  };
  return { client: openClient().client, openClient };
}

function makeContext(
  config: AgentConfig,
  parts: {
    client: ClusterClient;
    identity: Identity;
    state: AgentState;
    vault: SecretVault;
    keeper: RecordKeeper;
    clock: Clock;
    log: Log;
    tracing: Tracing;
  },
): SpokeContext & { cache: ObservedCache } {
  const { client, identity, state, vault, keeper, clock, log, tracing } = parts;
  // Projections may hold values of Secrets, and their digests are kept on disk: keyed, so that nobody can guess them.
  const open = envelopeOpener();
  const digest = (text: string): string => createHmac('sha256', identity.sealingPrivateKey).update(text).digest('hex');
  return {
    client,
    cache: new ObservedCache(digest),
    autoscaled: new AutoscaledTargets(),
    fleet: identity.fleet,
    clock,
    log,
    tracing,
    digest,
    readObject: (item) => (item.grant ? vault.open(item.grant.id) : readObject(state, identity, open, item.digest)),
    limit: limiter(config.agentConcurrency),
    saveRecord: (record) => keeper.save(record),
  };
}

function connectNats(identity: () => Identity, log: Log): Promise<HubLink> {
  const { spokeId, natsUrls, natsCa, nkeySeed } = identity();
  return NatsHubLink.connect({
    spokeId: spokeId as Parameters<typeof NatsHubLink.connect>[0]['spokeId'],
    urls: natsUrls,
    ca: natsCa,
    userJwt: () => identity().userJwt,
    nkeySeed,
    log,
  });
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
