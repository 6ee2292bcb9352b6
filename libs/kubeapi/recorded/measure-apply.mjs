// Prints the CPU cost of server-side apply on recorded objects. Run: npx tsc -b libs/kubeapi && node libs/kubeapi/recorded/measure-apply.mjs
import { readFileSync } from 'node:fs';
import { builtinSchema, serverSideApply } from '@flotilla/kubeapi';

const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));

function measure(label, live, applied, manager) {
  const schema = builtinSchema(live.apiVersion, live.kind);
  const run = () => serverSideApply({ live, applied, manager, force: true, schema, now: '2026-01-01T00:00:00Z' });
  for (let i = 0; i < 3_000; i++) run();
  const rounds = 5_000;
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) run();
  const { user, system } = process.cpuUsage(before);
  console.log(`${label}: ${((user + system) / rounds).toFixed(1)} us (${run().object === live ? 'no-op' : 'changed'})`);
}

const deployments = read('patch-deployment.json').cases.find(({ name }) => name.includes('env, ports and mounts'));
const live = deployments.steps[1].object;
const applied = deployments.steps[0].body;
const changed = structuredClone(applied);
changed.spec.template.spec.containers[0].image = 'web:2';
const dropped = structuredClone(applied);
delete dropped.spec.template.spec.volumes;
measure('Deployment, no-op', live, applied, 'a');
measure('Deployment, image changed', live, changed, 'a');
measure('Deployment, volume dropped', live, dropped, 'a');

const configMaps = read('patch-configmap.json').cases.find(({ name }) => name.includes('a second manager shares'));
const map = configMaps.steps[1].object;
const mapApplied = configMaps.steps[0].body;
measure('ConfigMap, no-op', map, mapApplied, 'a');
measure('ConfigMap, value changed', map, { ...mapApplied, data: { ...mapApplied.data, two: 'x' } }, 'a');
