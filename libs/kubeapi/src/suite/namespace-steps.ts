import { get, patch, post, type RequestStep, remove, table } from './request-step.js';

const ALL = '/api/v1/namespaces';

/** A cluster-scoped kind with a lifecycle of its own, on a server without its controller. */
export function namespaceSteps(): RequestStep[] {
  const namespace = (name: string): Record<string, unknown> => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return [
    post('create', ALL, namespace('suite-a')),
    post('create with dots', ALL, namespace('suite.a')),
    get('get', `${ALL}/suite-a`),
    patch('label', 'merge', `${ALL}/suite-a`, { metadata: { labels: { team: 'x' } } }),
    patch('apply', 'apply', `${ALL}/suite-b?fieldManager=applier`, namespace('suite-b')),
    get('list by label', `${ALL}?labelSelector=team%3Dx`),
    table('table', `${ALL}/suite-a`),
    remove('delete', `${ALL}/suite-a`),
    get('a deleted one is terminating', `${ALL}/suite-a`),
    patch('a terminating one is still written', 'merge', `${ALL}/suite-a`, { metadata: { labels: { team: 'y' } } }),
    remove('delete it again', `${ALL}/suite-a`),
  ];
}
