import type { KubeObject } from '@flotilla/kubeapi';
import { type ImageFate, imageFate } from './image-fate.js';

/** The status a workload has now, and when to look again. */
export interface Converged {
  status: Record<string, unknown>;
  againAfterMs?: number;
}

/** One look at a workload: `sinceMs` is how long its present generation has been there. */
export interface Look {
  object: KubeObject;
  sinceMs: number;
  now: number;
}

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

const DEFAULT_PROGRESS_DEADLINE_S = 600;

/** Kinds whose status the simulator converges, with the rule for each. */
export const WORKLOADS: Readonly<Record<string, (look: Look) => Converged>> = {
  Deployment: deployment,
  StatefulSet: (look) =>
    replicated(look, (replicas, ready) => ({
      updatedReplicas: replicas,
      currentReplicas: ready,
      availableReplicas: ready,
      ...revisions(look.object),
    })),
  ReplicaSet: (look) => replicated(look, (_, ready) => ({ fullyLabeledReplicas: ready, availableReplicas: ready })),
  DaemonSet: daemonSet,
  Job: job,
  PersistentVolumeClaim: ({ object }) => ({
    status: {
      phase: 'Bound',
      accessModes: spec(object).accessModes ?? ['ReadWriteOnce'],
      capacity: (spec(object).resources as { requests?: unknown } | undefined)?.requests ?? {},
    },
  }),
  HorizontalPodAutoscaler: ({ object, now }) => ({
    status: {
      currentReplicas: Number(spec(object).minReplicas ?? 1),
      desiredReplicas: Number(spec(object).minReplicas ?? 1),
      conditions: conditions(object, now, [
        { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message: 'recommended size matches current size' },
        { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message: 'the HPA was able to compute a replica count' },
      ]),
    },
  }),
};

function deployment(look: Look): Converged {
  const { object, sinceMs, now } = look;
  const replicas = Number(spec(object).replicas ?? 1);
  const deadlineMs = Number(spec(object).progressDeadlineSeconds ?? DEFAULT_PROGRESS_DEADLINE_S) * 1000;
  const { isReady, againAfterMs } = readiness(object, sinceMs);
  const isLate = !isReady && sinceMs >= deadlineMs;
  const before = Number((object.status as { availableReplicas?: number } | undefined)?.availableReplicas ?? 0);
  // A rolling update keeps the old pods until the new ones are ready.
  const available = isReady ? replicas : Math.min(before, replicas);
  const name = object.metadata.name;
  const progressing: Condition = isReady
    ? {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${name}" has successfully progressed.`,
      }
    : isLate
      ? {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: `ReplicaSet "${name}" has timed out progressing.`,
        }
      : { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `ReplicaSet "${name}" is progressing.` };
  const isAvailable = available >= replicas;
  return {
    status: {
      observedGeneration: object.metadata.generation,
      replicas: isReady ? replicas : Math.max(available, replicas),
      updatedReplicas: isReady ? replicas : Math.min(1, replicas),
      ...(available > 0 ? { readyReplicas: available, availableReplicas: available } : {}),
      ...(isReady ? {} : { unavailableReplicas: Math.max(1, replicas - available) }),
      conditions: conditions(object, now, [
        {
          type: 'Available',
          status: isAvailable ? 'True' : 'False',
          reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
          message: isAvailable ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
        },
        progressing,
      ]),
    },
    againAfterMs: isReady || isLate ? undefined : Math.min(againAfterMs ?? deadlineMs, deadlineMs - sinceMs),
  };
}

function replicated(look: Look, extra: (replicas: number, ready: number) => Record<string, unknown>): Converged {
  const replicas = Number(spec(look.object).replicas ?? 1);
  const { isReady, againAfterMs } = readiness(look.object, look.sinceMs);
  const ready = isReady ? replicas : 0;
  return {
    status: { observedGeneration: look.object.metadata.generation, replicas, readyReplicas: ready, ...extra(replicas, ready) },
    againAfterMs,
  };
}

function daemonSet({ object, sinceMs }: Look): Converged {
  const { isReady, againAfterMs } = readiness(object, sinceMs);
  const ready = isReady ? 1 : 0;
  return {
    status: {
      observedGeneration: object.metadata.generation,
      desiredNumberScheduled: 1,
      currentNumberScheduled: 1,
      updatedNumberScheduled: 1,
      numberMisscheduled: 0,
      numberReady: ready,
      numberAvailable: ready,
    },
    againAfterMs,
  };
}

function job({ object, sinceMs, now }: Look): Converged {
  const { isReady, againAfterMs } = readiness(object, sinceMs);
  if (!isReady) return { status: { active: 1, startTime: at(now - sinceMs) }, againAfterMs };
  const complete: Condition = {
    type: 'Complete',
    status: 'True',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
  const before = (object.status ?? {}) as { startTime?: string; completionTime?: string };
  return {
    status: {
      succeeded: Number(spec(object).completions ?? 1),
      startTime: before.startTime ?? at(now - sinceMs),
      completionTime: before.completionTime ?? at(now),
      conditions: conditions(object, now, [complete]),
    },
  };
}

function readiness(object: KubeObject, sinceMs: number): { isReady: boolean; againAfterMs?: number } {
  const fate: ImageFate = imageFate(images(object));
  if (fate.kind === 'never') return { isReady: false };
  return sinceMs >= fate.afterMs ? { isReady: true } : { isReady: false, againAfterMs: fate.afterMs - sinceMs };
}

function images(object: KubeObject): string[] {
  const template = spec(object).template as { spec?: { containers?: { image?: string }[] } } | undefined;
  return (template?.spec?.containers ?? []).map(({ image = '' }) => image);
}

function spec(object: KubeObject): Record<string, unknown> {
  return (object.spec ?? {}) as Record<string, unknown>;
}

function revisions(object: KubeObject): Record<string, string> {
  const revision = `${object.metadata.name}-${object.metadata.generation}`;
  return { currentRevision: revision, updateRevision: revision };
}

/** Keeps the transition time of a condition whose status stays. */
function conditions(object: KubeObject, now: number, wanted: readonly Condition[]): Record<string, unknown>[] {
  const before =
    (object.status as { conditions?: (Condition & { lastTransitionTime?: string; lastUpdateTime?: string })[] } | undefined)?.conditions ??
    [];
  return wanted.map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    const isSame = old?.status === condition.status && old.reason === condition.reason;
    return {
      ...condition,
      lastTransitionTime: old?.status === condition.status ? (old.lastTransitionTime ?? at(now)) : at(now),
      ...(object.kind === 'Deployment' ? { lastUpdateTime: isSame ? (old.lastUpdateTime ?? at(now)) : at(now) } : {}),
    };
  });
}

function at(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
