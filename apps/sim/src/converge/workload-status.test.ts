import { describe, expect, test } from 'vitest';
import { imageFate } from './image-fate.js';
import { WORKLOADS } from './workload-status.js';

const NOW = Date.UTC(2026, 0, 1);
const workload = (kind: string, tag: string, rest: Record<string, unknown> = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'web', generation: 2 },
  spec: {
    replicas: 3,
    progressDeadlineSeconds: 5,
    template: { spec: { containers: [{ name: 'web', image: `registry.local/web:${tag}` }] } },
  },
  ...rest,
});
const look = (kind: string, tag: string, sinceMs: number, rest = {}) =>
  WORKLOADS[kind]!({ object: workload(kind, tag, rest), sinceMs, now: NOW });
const condition = (status: Record<string, unknown>, type: string) =>
  (status.conditions as { type: string }[]).find((item) => item.type === type);

describe('a simulated workload', () => {
  test('becomes ready after the time its image tag says', () => {
    expect(imageFate(['web:v1'])).toEqual({ kind: 'ready', afterMs: 20 });
    expect(imageFate(['web:v1', 'proxy:slow-750ms'])).toEqual({ kind: 'ready', afterMs: 750 });
    expect(imageFate(['registry:5000/web'])).toMatchObject({ kind: 'ready' });
    expect(look('Deployment', 'slow-750ms', 100).againAfterMs).toBe(650);
    expect(look('Deployment', 'slow-750ms', 750).status).toMatchObject({
      observedGeneration: 2,
      readyReplicas: 3,
      availableReplicas: 3,
      updatedReplicas: 3,
    });
  });

  test('with a broken image exceeds its progress deadline and keeps the old pods', () => {
    const before = { status: { availableReplicas: 3, conditions: [] } };
    const early = look('Deployment', 'broken-2', 100, before);
    expect(condition(early.status, 'Progressing')).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
    expect(early.againAfterMs).toBe(4_900);
    const late = look('Deployment', 'broken-2', 5_000, before);
    expect(condition(late.status, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(late.status).toMatchObject({ availableReplicas: 3, updatedReplicas: 1 });
    expect(late.againAfterMs).toBeUndefined();
  });

  test('keeps the transition time of a condition that does not change', () => {
    const first = look('Deployment', 'v1', 50);
    const then = WORKLOADS.Deployment!({
      object: workload('Deployment', 'v1', { status: first.status }),
      sinceMs: 60_000,
      now: NOW + 60_000,
    });
    expect(then.status).toEqual(first.status);
  });

  test('of every other kind ends in a healthy status', () => {
    expect(look('StatefulSet', 'v1', 50).status).toMatchObject({ readyReplicas: 3, currentRevision: 'web-2', updateRevision: 'web-2' });
    expect(look('DaemonSet', 'v1', 50).status).toMatchObject({ numberReady: 1, numberAvailable: 1 });
    expect(condition(look('Job', 'v1', 50).status, 'Complete')).toMatchObject({ status: 'True' });
    expect(look('PersistentVolumeClaim', 'v1', 0).status).toMatchObject({ phase: 'Bound' });
    expect(condition(look('HorizontalPodAutoscaler', 'v1', 0).status, 'ScalingActive')).toMatchObject({ status: 'True' });
  });
});
