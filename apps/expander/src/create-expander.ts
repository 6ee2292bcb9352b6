import type { BlobStore } from '@flotilla/blobs';
import type {
  ConfirmDeletesReply,
  ConfirmDeletesRequest,
  ConfirmProjectDeleteRequest,
  ExplainReply,
  GenerateReply,
  GenerateRequest,
  TraceRequest,
} from '@flotilla/contracts';
import type { FileGlobs } from '@flotilla/generators';
import type { Clock } from '@flotilla/kernel';
import type { MessageBus, MessageContext } from '@flotilla/messaging';
import { KeyedQueue, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import { inSpan, type Logger } from '@flotilla/telemetry';
import type { ExpanderConfig } from './expander.config.js';
import { planSet } from './explain/plan-set.js';
import { traceStoredSet } from './explain/trace-stored-set.js';
import { GuardProject } from './guard/guard-project.js';
import { restoreApplications } from './guard/restore-applications.js';
import type { HostsOf } from './inputs/host-inputs.js';
import { confirmDeletes } from './sets/confirm-deletes.js';
import { generateSet } from './sets/generate-set.js';
import { ReconcileSet } from './sets/reconcile-set.js';
import { SetIndex } from './sets/set-index.js';
import { SetMemory } from './sets/set-memory.js';
import { TellRollout } from './sets/tell-rollout.js';
import { WakeSets } from './sets/wake-sets.js';

/** The use cases behind the routes. */
export interface ExpanderUses extends Record<string, unknown> {
  wake(key: ResourceKey, context: MessageContext): Promise<Outcome>;
  generate(request: GenerateRequest): Promise<GenerateReply>;
  plan(request: GenerateRequest): Promise<ExplainReply>;
  trace(request: TraceRequest): Promise<ExplainReply>;
  confirmDeletes(request: ConfirmDeletesRequest): Promise<ConfirmDeletesReply>;
  restore(request: ConfirmDeletesRequest): Promise<ConfirmDeletesReply>;
  project(key: ResourceKey): Promise<Outcome>;
  rollout(key: ResourceKey): Promise<Outcome>;
  confirmProjectDelete(request: ConfirmProjectDeleteRequest): Promise<ConfirmDeletesReply>;
}

/** The adapters the composition root chose. */
export interface ExpanderPorts {
  store: ResourceStore;
  blobs: BlobStore;
  bus: MessageBus;
  clock: Clock;
  logger: Logger;
  hosts: HostsOf;
}

export interface Expander {
  uses: ExpanderUses;
  /** Sets waiting, delayed or in work. */
  readonly pending: number;
  stop(): Promise<void>;
}

/** All triggers feed one queue, so that a set is in work once, whatever woke it. */
export function createExpander(config: ExpanderConfig, { store, blobs, bus, clock, logger, hosts }: ExpanderPorts): Expander {
  const memory = new SetMemory();
  const fileGlobs: FileGlobs = config.newGitFileGlobbing ? 'doublestar' : 'pathspec';
  const reconcile = new ReconcileSet({ store, blobs, bus, hosts, clock, memory, fileGlobs });
  /** The trace that last woke a set, until it is reconciled. */
  const traces = new Map<string, string>();
  const queue = new KeyedQueue({
    concurrency: config.concurrency,
    clock,
    onFailure: (key, error) => logger.warn('a set could not be reconciled', { kind: 'ApplicationSet', key, error }),
    reconcile: (key) => {
      const traceparent = traces.get(key);
      traces.delete(key);
      const [namespace = '', name = ''] = key.split('/');
      return inSpan('expand set', { traceparent, kind: 'consumer' }, () =>
        reconcile.run({ kind: 'ApplicationSet', namespace, name }, traceparent),
      );
    },
  });
  const wake = (key: string, traceparent?: string): void => {
    if (queue.add(key) && traceparent) traces.set(key, traceparent);
  };
  const wakeSets = new WakeSets(store, new SetIndex(), memory, wake, clock.now());
  const projects = new GuardProject(store, clock);
  const rollouts = new TellRollout(store, clock);
  return {
    uses: {
      wake: async (key, context) => {
        if (key.kind === 'Application') await projects.applicationMoved(key);
        return wakeSets.run(key, context.traceparent);
      },
      generate: (request) => generateSet({ store, bus, blobs, hosts, clock, fileGlobs }, request),
      plan: (request) => planSet({ store, bus, blobs, hosts, clock, fileGlobs }, request),
      trace: (request) => traceStoredSet({ store, bus, blobs, hosts, clock, fileGlobs }, request),
      confirmDeletes: (request) => confirmDeletes(store, request),
      restore: (request) => restoreApplications(store, request),
      project: (key) => projects.follow(key),
      rollout: (key) => rollouts.run(key),
      confirmProjectDelete: (request) => projects.confirm(request),
    },
    get pending() {
      return queue.size;
    },
    stop: () => queue.stop(),
  };
}
