import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../kube-object.js';
import { aggregateHealth } from './aggregate-health.js';
import { healthOf } from './health-of.js';

const object = (apiVersion: string, kind: string, spec: unknown, status?: unknown, generation = 1): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', generation },
  spec,
  status,
});
const status = (o: KubeObject) => healthOf(o)?.status;
const conditions = (...list: [type: string, status: string, reason?: string][]) => ({
  conditions: list.map(([type, s, reason = '']) => ({ type, status: s, reason, message: 'why' })),
});

describe('the health of a workload', () => {
  const rolled = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  test.each([
    ['done', { replicas: 2 }, rolled, 'Healthy'],
    ['paused', { paused: true }, rolled, 'Suspended'],
    ['not yet seen', { replicas: 2 }, { ...rolled, observedGeneration: 0 }, 'Progressing'],
    ['updating', { replicas: 3 }, rolled, 'Progressing'],
    ['ending old ones', { replicas: 2 }, { ...rolled, replicas: 3 }, 'Progressing'],
    ['waiting', { replicas: 2 }, { ...rolled, availableReplicas: 1 }, 'Progressing'],
    ['over its deadline', { replicas: 2 }, { ...rolled, ...conditions(['Progressing', 'False', 'ProgressDeadlineExceeded']) }, 'Degraded'],
  ])('Deployment %s', (_name, spec, state, expected) => {
    expect(status(object('apps/v1', 'Deployment', spec, state))).toBe(expected);
  });

  const set = { observedGeneration: 1, readyReplicas: 2, updatedReplicas: 2, currentRevision: 'a', updateRevision: 'a' };
  test.each([
    ['done', { replicas: 2 }, set, 'Healthy'],
    ['never seen', { replicas: 0 }, { ...set, observedGeneration: 0 }, 'Progressing'],
    ['not ready', { replicas: 3 }, set, 'Progressing'],
    ['between revisions', { replicas: 2 }, { ...set, updateRevision: 'b' }, 'Progressing'],
    [
      'partitioned',
      { replicas: 2, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
      { ...set, updatedReplicas: 1, updateRevision: 'b' },
      'Healthy',
    ],
    ['on delete', { replicas: 2, updateStrategy: { type: 'OnDelete' } }, { ...set, updateRevision: 'b' }, 'Healthy'],
  ])('StatefulSet %s', (_name, spec, state, expected) => {
    expect(status(object('apps/v1', 'StatefulSet', spec, state))).toBe(expected);
  });

  test('DaemonSet and ReplicaSet wait for their pods', () => {
    const daemon = (updated: number, available: number) =>
      object(
        'apps/v1',
        'DaemonSet',
        {},
        { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: updated, numberAvailable: available },
      );
    expect([daemon(1, 1), daemon(2, 1), daemon(2, 2)].map(status)).toEqual(['Progressing', 'Progressing', 'Healthy']);
    const replicas = (available: number, more = {}) =>
      object('apps/v1', 'ReplicaSet', { replicas: 2 }, { observedGeneration: 1, availableReplicas: available, ...more });
    expect([replicas(1), replicas(2), replicas(2, conditions(['ReplicaFailure', 'True']))].map(status)).toEqual([
      'Progressing',
      'Healthy',
      'Degraded',
    ]);
  });

  test('a Job is judged by conditions that hold, unlike in Argo CD', () => {
    const job = (...list: [string, string][]) => status(object('batch/v1', 'Job', {}, conditions(...list)));
    expect(job()).toBe('Progressing');
    expect(job(['Failed', 'True'])).toBe('Degraded');
    expect(job(['Failed', 'False'])).toBe('Progressing');
    expect(job(['Complete', 'True'])).toBe('Healthy');
    expect(job(['Complete', 'False'])).toBe('Progressing');
    expect(job(['Suspended', 'True'])).toBe('Suspended');
  });

  test('a Pod by phase, readiness and what keeps its containers waiting', () => {
    const pod = (state: unknown, spec: unknown = {}) => status(object('v1', 'Pod', spec, state));
    const waiting = { containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ImagePullBackOff', message: 'why' } } }] };
    expect(pod({ phase: 'Pending' })).toBe('Progressing');
    expect(pod({ phase: 'Pending', ...waiting })).toBe('Degraded');
    expect(pod({ phase: 'Pending', ...waiting }, { restartPolicy: 'Never' })).toBe('Progressing');
    expect(pod({ phase: 'Running', ...conditions(['Ready', 'True']) })).toBe('Healthy');
    expect(pod({ phase: 'Running', containerStatuses: [{ lastState: { terminated: {} } }] })).toBe('Degraded');
    expect(pod({ phase: 'Running' }, { restartPolicy: 'OnFailure' })).toBe('Progressing');
    expect(pod({ phase: 'Succeeded' })).toBe('Healthy');
    expect(pod({})).toBe('Unknown');
    expect(
      healthOf(object('v1', 'Pod', {}, { phase: 'Failed', containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 3 } } }] })),
    ).toEqual({
      status: 'Degraded',
      message: 'container "c" failed with exit code 3',
    });
  });
});

describe('the health of the rest', () => {
  test('Service and Ingress wait for an address only where one comes', () => {
    const address = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } };
    expect(status(object('v1', 'Service', { type: 'ClusterIP' }))).toBe('Healthy');
    expect(status(object('v1', 'Service', { type: 'LoadBalancer' }, {}))).toBe('Progressing');
    expect(status(object('v1', 'Service', { type: 'LoadBalancer' }, address))).toBe('Healthy');
    expect(status(object('networking.k8s.io/v1', 'Ingress', {}, {}))).toBe('Progressing');
    expect(status(object('networking.k8s.io/v1', 'Ingress', {}, address))).toBe('Healthy');
  });

  test('claims, autoscalers, definitions and API services follow their status', () => {
    const claim = (phase?: string) => status(object('v1', 'PersistentVolumeClaim', {}, { phase }));
    expect([claim('Bound'), claim('Pending'), claim('Lost'), claim()]).toEqual(['Healthy', 'Progressing', 'Degraded', 'Unknown']);
    const scaler = (apiVersion: string, ...list: [string, string, string][]) =>
      status(object(apiVersion, 'HorizontalPodAutoscaler', {}, conditions(...list)));
    expect(scaler('autoscaling/v2')).toBe('Progressing');
    expect(scaler('autoscaling/v2', ['AbleToScale', 'True', 'SucceededRescale'])).toBe('Healthy');
    expect(scaler('autoscaling/v2', ['ScalingActive', 'False', 'FailedGetResourceMetric'])).toBe('Degraded');
    expect(scaler('autoscaling/v2beta2')).toBe('Unknown');
    const crd = (...list: [string, string][]) =>
      status(object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, conditions(...list)));
    expect([crd(), crd(['Established', 'False']), crd(['Established', 'True'])]).toEqual(['Progressing', 'Degraded', 'Healthy']);
    expect(crd(['Established', 'True'], ['Terminating', 'True'])).toBe('Progressing');
    const api = (...list: [string, string][]) => status(object('apiregistration.k8s.io/v1', 'APIService', {}, conditions(...list)));
    expect([api(), api(['Available', 'False']), api(['Available', 'True'])]).toEqual(['Progressing', 'Progressing', 'Healthy']);
  });

  test('a kind without a rule has none, an old version of a known one is Unknown, and deletion is progress', () => {
    expect(status(object('v1', 'ConfigMap', {}))).toBeUndefined();
    expect(status(object('extensions/v1beta1', 'Deployment', {}))).toBe('Unknown');
    expect(status({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', deletionTimestamp: 'now' } })).toBe('Progressing');
  });
});

test('an application is as healthy as its worst object, missing ones counting only when nothing is live', () => {
  expect(aggregateHealth([])).toBe('Healthy');
  expect(aggregateHealth(['Healthy', undefined])).toBe('Healthy');
  expect(aggregateHealth(['Healthy', 'Suspended', 'Progressing'])).toBe('Progressing');
  expect(aggregateHealth(['Healthy', 'Missing'])).toBe('Healthy');
  expect(aggregateHealth(['Missing', 'Missing'])).toBe('Missing');
  expect(aggregateHealth(['Degraded', 'Unknown'])).toBe('Unknown');
});
