// Writes kubernetes-1.36.ndjson.zst: the schemas of the built-in kinds, taken from a running kube-apiserver 1.36.3.
// Run: node libs/kubeapi/openapi/trim.mjs   (needs the binaries that `npm run kube` provides)
// Line 1 is the index { version, groupVersions: { gv: { kinds: { Kind: definition }, resources: [APIResource] } } };
// every further line is one definition: its name, its schema without descriptions, its descriptions by path; split by tabs.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import { startRealApiserver } from './real-apiserver.mjs';

const REF = '#/components/schemas/';
// Long enough for `kubectl explain`, short enough that every process can hold the file.
const DESCRIPTION_LIMIT = 700;

const KINDS = {
  v1: 'Binding ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod ReplicationController ResourceQuota Secret Service ServiceAccount',
  'admissionregistration.k8s.io/v1':
    'MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition',
  'apiregistration.k8s.io/v1': 'APIService',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'authentication.k8s.io/v1': 'SelfSubjectReview TokenRequest TokenReview',
  'authorization.k8s.io/v1': 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'autoscaling/v1': 'Scale',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'batch/v1': 'CronJob Job',
  'certificates.k8s.io/v1': 'CertificateSigningRequest',
  'coordination.k8s.io/v1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'events.k8s.io/v1': 'Event',
  'networking.k8s.io/v1': 'Ingress IngressClass NetworkPolicy',
  'policy/v1': 'Eviction PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1': 'ClusterRole ClusterRoleBinding Role RoleBinding',
  'scheduling.k8s.io/v1': 'PriorityClass',
  'storage.k8s.io/v1': 'CSIDriver CSINode StorageClass VolumeAttachment',
};
const META_KINDS = ['DeleteOptions', 'Status', 'WatchEvent', 'ObjectMeta', 'ListMeta'].map(
  (kind) => `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`,
);

function pathOf(groupVersion) {
  return groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;
}

/** The definition's name of every wanted kind of a group version, by the marks the server puts on its schemas. */
function kindsOf(groupVersion, schemas) {
  const [version, group = ''] = groupVersion.split('/').reverse();
  const found = {};
  for (const kind of KINDS[groupVersion].split(' ')) {
    const name = Object.keys(schemas).find((candidate) =>
      schemas[candidate]['x-kubernetes-group-version-kind']?.some(
        (gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind,
      ),
    );
    if (!name) throw new Error(`${groupVersion} ${kind} is not in the server's OpenAPI document`);
    found[kind] = name;
  }
  return found;
}

function short(text) {
  if (text.length <= DESCRIPTION_LIMIT) return text;
  const cut = text.slice(0, DESCRIPTION_LIMIT);
  const end = Math.max(cut.lastIndexOf('. '), cut.lastIndexOf('\n'));
  return `${cut.slice(0, end > DESCRIPTION_LIMIT / 2 ? end + 1 : DESCRIPTION_LIMIT)}...`;
}

/** Splits a definition into its schema and its descriptions; the latter by the property's name, '' for the definition itself. */
function split(definition) {
  const descriptions = {};
  const { description, properties, ...rest } = definition;
  if (description) descriptions[''] = short(description);
  if (properties) {
    rest.properties = {};
    for (const [name, { description: text, ...property }] of Object.entries(properties)) {
      if (text) descriptions[name] = short(text);
      rest.properties[name] = property;
    }
  }
  return [rest, descriptions];
}

function collect(name, schemas, into) {
  if (into.has(name)) return;
  const definition = schemas[name];
  if (!definition) throw new Error(`definition ${name} is referred to but missing`);
  into.set(name, definition);
  const visit = (value) => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value && typeof value === 'object') {
      for (const [key, child] of Object.entries(value)) {
        if (key === '$ref' && typeof child === 'string' && child.startsWith(REF)) collect(child.slice(REF.length), schemas, into);
        else visit(child);
      }
    }
  };
  visit(definition);
}

const server = await startRealApiserver();
try {
  const index = { version: (await server.call('GET', '/version')).body.gitVersion, groupVersions: {} };
  // Some kinds (Scale, TokenRequest) are described only in the document of the group that serves them as a subresource.
  const schemas = {};
  for (const groupVersion of Object.keys(KINDS)) {
    Object.assign(schemas, (await server.call('GET', `/openapi/v3/${pathOf(groupVersion)}`)).body.components.schemas);
  }
  const definitions = new Map();
  for (const name of META_KINDS) collect(name, schemas, definitions);
  for (const groupVersion of Object.keys(KINDS)) {
    const kinds = kindsOf(groupVersion, schemas);
    for (const name of Object.values(kinds)) collect(name, schemas, definitions);
    const served = (await server.call('GET', `/${pathOf(groupVersion)}`)).body.resources;
    const parents = new Set(served.filter(({ name, kind }) => !name.includes('/') && kind in kinds).map(({ name }) => name));
    const resources = served
      .filter(({ name }) => parents.has(name.split('/')[0]))
      .map(({ storageVersionHash: _hash, ...resource }) => resource);
    index.groupVersions[groupVersion] = { kinds, resources };
  }
  const lines = [...definitions.keys()]
    .sort()
    .map((name) => [name, ...split(definitions.get(name)).map((part) => JSON.stringify(part))].join('\t'));
  const text = [JSON.stringify(index), ...lines].join('\n');
  const packed = zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
  const file = join(dirname(fileURLToPath(import.meta.url)), 'kubernetes-1.36.ndjson.zst');
  writeFileSync(file, packed);
  console.log(`${index.version}: ${definitions.size} definitions, ${text.length} bytes, ${packed.length} compressed`);
} finally {
  await server.stop();
}
