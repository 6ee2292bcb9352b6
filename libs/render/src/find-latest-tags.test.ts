import { expect, test } from 'vitest';
import { findLatestTags } from './find-latest-tags.js';

const pod = (...images: unknown[]) => ({ containers: images.map((image) => ({ image })) });
const named = (kind: string, spec: unknown) => ({ kind, metadata: { name: 'x' }, spec });

test('images tagged latest are found in pods, workloads and cron jobs, init containers too, each once', () => {
  const workload = named('Deployment', {
    template: { spec: { ...pod('a:latest', 'a:latest', 'b:1'), initContainers: [{ image: 'c:latest' }] } },
  });
  const job = named('CronJob', { jobTemplate: { spec: { template: { spec: pod('d:latest') } } } });
  expect(findLatestTags([named('Pod', pod('e:latest')), workload, job])).toEqual([
    'Pod/x (e:latest)',
    'Deployment/x (c:latest, a:latest)',
    'CronJob/x (d:latest)',
  ]);
});

test('versions, digests, images without a tag and objects of any other shape are not', () => {
  const others = [named('Pod', pod('a:1', 'a@sha256:00', 'a', 7, undefined)), named('Odd', { containers: 'a:latest' }), null, 'x', {}];
  expect(findLatestTags(others)).toEqual([]);
});
