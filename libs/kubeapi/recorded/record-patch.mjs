// Plays patch-cases.mjs against a real kube-apiserver 1.36 and writes its answers to patch-*.json, one file per group of cases.
// Run: node libs/kubeapi/recorded/record-patch.mjs   (needs the binaries that `npm run kube` provides; about a minute)
// The tests of src/patch then play the same requests through the engine and compare, without a server.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRealApiserver } from '../openapi/real-apiserver.mjs';
import { CASES, WIDGETS } from './patch-cases.mjs';

const TYPES = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};
// Times are kept in seconds: with a pause, entries of one case have an order.
const PAUSE_MS = 1_100;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const rfc3339 = () => `${new Date().toISOString().slice(0, 19)}Z`;

function collectionOf(resources, { apiVersion, kind }, namespace) {
  const resource = resources.get(`${apiVersion} ${kind}`);
  if (!resource) throw new Error(`no resource for ${apiVersion} ${kind}`);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${resource.namespaced ? `/namespaces/${namespace}` : ''}/${resource.name}`;
}

async function discover(server, groupVersions) {
  const found = new Map();
  for (const gv of groupVersions) {
    const { body } = await server.call('GET', gv.includes('/') ? `/apis/${gv}` : `/api/${gv}`);
    for (const resource of body.resources) if (!resource.name.includes('/')) found.set(`${gv} ${resource.kind}`, resource);
  }
  return found;
}

function request(step, live) {
  if (step.verb === 'update') return { ...step, body: JSON.parse(JSON.stringify(step.edit(live))) };
  return { ...step, body: JSON.parse(JSON.stringify(step.body)) };
}

async function play(server, resources, recorded, number) {
  const namespace = `case-${number}`;
  await server.call('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } });
  const steps = [];
  const inNamespace = (value) => JSON.parse(JSON.stringify(value).replaceAll('NAMESPACE', namespace));
  const first = inNamespace(recorded.steps[0].body);
  const collection = collectionOf(resources, first, namespace);
  let live;
  for (const original of recorded.steps) {
    const step = request(original, live);
    step.body = inNamespace(step.body);
    const query = new URLSearchParams({ fieldManager: step.manager, ...(step.verb === 'apply' ? { force: String(step.force === true) } : {}) });
    const object = `${collection}/${first.metadata.name}${step.subresource ? `/${step.subresource}` : ''}`;
    const [method, path] = step.verb === 'create' ? ['POST', collection] : [step.verb === 'update' ? 'PUT' : 'PATCH', object];
    const sentAt = rfc3339();
    const answer = await server.call(method, `${path}?${query}`, { body: step.body, type: TYPES[step.verb] });
    const { verb, manager, force, subresource, allocated, body } = step;
    const isDone = answer.status < 300;
    if (isDone) live = answer.body;
    const { message, details, reason } = answer.body;
    steps.push({ verb, manager, force, subresource, allocated, body, at: sentAt, status: answer.status, ...(isDone ? { object: answer.body } : { failure: { reason, message, causes: details?.causes } }) });
    await pause(PAUSE_MS);
  }
  return { name: recorded.name, steps };
}

const server = await startRealApiserver();
try {
  await server.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: WIDGETS });
  await pause(5_000);
  const groupVersions = new Set(CASES.map(({ steps }) => steps[0].body.apiVersion));
  const resources = await discover(server, groupVersions);
  const version = (await server.call('GET', '/version')).body.gitVersion;
  const results = await Promise.all(CASES.map((recorded, i) => play(server, resources, recorded, i)));
  const groups = new Map();
  for (const result of results) {
    const [kind, name] = result.name.split(': ');
    const group = name.startsWith('generated') ? 'generated' : name.startsWith('created') ? 'created' : kind.toLowerCase();
    groups.set(group, [...(groups.get(group) ?? []), result]);
  }
  for (const [group, cases] of groups) {
    const text = `{"server":${JSON.stringify(version)},"cases":[\n${cases.map((item) => JSON.stringify(item)).join(',\n')}\n]}\n`;
    writeFileSync(join(dirname(fileURLToPath(import.meta.url)), `patch-${group}.json`), text);
    console.log(`patch-${group}.json: ${cases.length} cases, ${text.length} bytes`);
  }
  const crd = WIDGETS.spec.versions[0].schema.openAPIV3Schema;
  writeFileSync(join(dirname(fileURLToPath(import.meta.url)), 'patch-widget.schema.json'), `${JSON.stringify(crd)}\n`);
  const odd = results.flatMap(({ name, steps }) => steps.filter(({ status }) => status >= 400 && status !== 409).map(({ status, failure }, i) => `${name} #${i}: ${status} ${failure.message.slice(0, 200)}`));
  console.log(odd.join('\n'));
} finally {
  await server.stop();
}
