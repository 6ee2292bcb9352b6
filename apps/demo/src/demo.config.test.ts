import { expect, test } from 'vitest';
import { readDemoConfig } from './demo.config.js';
import { clusterName } from './lent-clusters.js';

const FILE = import.meta.filename;

test('the demo plays on simulated clusters unless contexts are named', () => {
  expect(readDemoConfig(['--exit'], {})).toEqual({ exit: true });
  expect(readDemoConfig(['--context', 'a, b,c', '--kubeconfig', FILE], {})).toEqual({
    exit: false,
    lent: { kubeconfig: FILE, contexts: ['a', 'b', 'c'] },
  });
  expect(readDemoConfig(['--context', 'a,b,c'], { KUBECONFIG: FILE }).lent?.kubeconfig).toBe(FILE);
});

test('the demo refuses what cannot be three clusters', () => {
  for (const context of ['a,b', 'a,b,a', 'a,b,c,d', 'a,b,'])
    expect(() => readDemoConfig(['--context', context], { KUBECONFIG: FILE })).toThrow();
  expect(() => readDemoConfig(['--context', 'a,b,c', '--kubeconfig', '/does/not/exist'], {})).toThrow('/does/not/exist');
  expect(() => readDemoConfig(['--kubeconfig', FILE], {})).toThrow('--context');
  expect(() => readDemoConfig(['--contxt', 'a'], {})).toThrow('usage');
});

test('a context of any name gives a cluster name that is a DNS label', () => {
  expect(clusterName('kind-one')).toBe('kind-one');
  expect(clusterName('arn:aws:eks:eu-west-1:1234:cluster/Prod')).toBe('arn-aws-eks-eu-west-1-1234-cluster-prod');
  expect(clusterName(`gke_${'x'.repeat(60)}_zone`)).toHaveLength(40);
});
