import { z } from 'zod';
import { enrolRequestSchema, renewRequestSchema } from '../messages/hub.js';
import { GENERATE_ROUTES } from './generate-routes.js';
import { NOTIFY_ROUTES } from './notify-routes.js';
import { document, type RestRoute, route, SET } from './rest-route.js';
import { SECRET_ROUTES } from './secret-routes.js';

export type { RestRoute };

const documents = z.object({ items: z.array(document), continue: z.string().optional() });
const listQuery = z.object({
  namespace: z.string().optional(),
  selector: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  continue: z.string().optional(),
});
const done = z.object({ message: z.string() });
const reason = z.object({ reason: z.string().optional() });

export const clusterAddSchema = z.object({
  name: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  project: z.string().optional(),
  uses: z.number().int().min(1).max(10_000).optional(),
  /** Go duration; default 24h. */
  validFor: z.string().optional(),
  autoAccept: z.boolean().optional(),
});
export const clusterAddReplySchema = z.object({ join: z.string(), command: z.string(), token: z.string(), expiresAt: z.string() });

export const syncRequestSchema = z.object({
  prune: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  revision: z.string().optional(),
  resources: z
    .array(z.object({ group: z.string().optional(), kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .optional(),
});

export const applyResultSchema = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      namespace: z.string().optional(),
      name: z.string(),
      action: z.enum(['created', 'configured', 'unchanged', 'refused']),
      warnings: z.array(z.string()),
      errors: z.array(z.string()),
    }),
  ),
});

/** What a rollout would do, or does: stages in order, and the changes grouped by identical difference. */
export const rolloutPlanSchema = z.object({
  owner: z.string(),
  release: z.string().optional(),
  policy: z.string(),
  warnings: z.array(z.string()),
  /** Applications that would be deleted, held ones included, and whether the guard holds any of them. */
  deletions: z.array(z.string()),
  held: z.boolean(),
  /**
   * Applications the set makes, changes, deletes, and those whose deletion the guard holds until it is confirmed by name; the first
   * 1,000 each. Absent where no set makes them, and while the expander cannot tell: a warning says so then.
   */
  applications: z
    .object({ create: z.array(z.string()), change: z.array(z.string()), delete: z.array(z.string()), held: z.array(z.string()) })
    .optional(),
  /** `applications` where a stage is made of them, as with a RollingSync strategy. */
  stages: z.array(
    z.object({ name: z.string(), approval: z.boolean(), clusters: z.array(z.string()), applications: z.array(z.string()).optional() }),
  ),
  changes: z.array(
    z.object({
      clusters: z.array(z.string()),
      objects: z.array(z.object({ action: z.enum(['create', 'change', 'delete']), key: z.string() })),
    }),
  ),
  summary: z.string(),
});

export const rolloutViewSchema = z.object({
  rollout: document,
  targets: z.array(
    z.object({ cluster: z.string(), application: z.string(), stage: z.string(), state: z.string(), message: z.string().optional() }),
  ),
  ledger: z.array(z.object({ at: z.string(), actor: z.string(), from: z.string(), to: z.string(), reason: z.string() })),
});

const APPLICATION = '/v1/namespaces/{namespace}/applications/{name}';
const PROJECT = '/v1/namespaces/{namespace}/projects/{name}';
const ROLLOUT = '/v1/namespaces/{namespace}/rollouts/{name}';

export const REST_ROUTES: readonly RestRoute[] = [
  route('login', 'POST', '/v1/login', 'Exchange a user name and password for a bearer token', {
    access: 'public',
    request: z.object({ username: z.string(), password: z.string() }),
    response: z.object({ token: z.string(), expiresAt: z.string() }),
  }),
  route('whoami', 'GET', '/v1/whoami', 'The user behind the bearer token', {
    response: z.object({ name: z.string(), groups: z.array(z.string()) }),
  }),
  route('version', 'GET', '/v1/version', 'Version of the hub', {
    access: 'public',
    response: z.object({ version: z.string(), fleet: z.string() }),
  }),
  route('enroll', 'POST', '/v1/spokes/enroll', 'Enrol an agent with a join token', {
    request: enrolRequestSchema.omit({ remoteAddress: true }),
    access: 'public',
  }),
  route('renew', 'POST', '/v1/spokes/renew', 'Renew the credential of an enrolled agent', {
    request: renewRequestSchema,
    access: 'public',
  }),
  route('apply', 'POST', '/v1/apply', 'Apply a multi-document YAML text', {
    request: z.object({ text: z.string(), file: z.string().optional(), dryRun: z.boolean().optional() }),
    response: applyResultSchema,
  }),

  route('listClusters', 'GET', '/v1/clusters', 'Clusters of the fleet', { query: listQuery, response: documents }),
  route('getCluster', 'GET', '/v1/clusters/{name}', 'One cluster', { response: document }),
  route('addCluster', 'POST', '/v1/clusters', 'Make a join token for a new cluster', {
    request: clusterAddSchema,
    response: clusterAddReplySchema,
  }),
  route('acceptCluster', 'POST', '/v1/clusters/{name}/accept', 'Accept an enrolled cluster that waits', { response: done }),
  route('revokeCluster', 'POST', '/v1/clusters/{name}/revoke', 'Revoke the credential of a cluster and cut its connection', {
    request: reason,
    response: done,
  }),
  route('confirmDeleteCluster', 'POST', '/v1/clusters/{name}/confirm-delete', 'Let the held deletion of a cluster go on', {
    response: done,
  }),
  route('bindCluster', 'POST', '/v1/clusters/{name}/bind', 'Bind the enrolled spoke of another cluster to this one', {
    request: z.object({ spokeOf: z.string() }),
    response: done,
  }),

  route('listApplications', 'GET', '/v1/applications', 'Applications', { query: listQuery, response: documents }),
  route('getApplication', 'GET', APPLICATION, 'One application', { response: document }),
  route('syncApplication', 'POST', `${APPLICATION}/sync`, 'Sync an application now', {
    request: syncRequestSchema,
    response: z.object({ message: z.string(), operation: z.string() }),
  }),
  route(
    'confirmDeletion',
    'POST',
    `${APPLICATION}/confirm-deletion`,
    'Release the held or pending deletions of the documents that are named',
    {
      request: z.object({ names: z.array(z.string()).min(1) }),
      response: done,
    },
  ),
  route('restoreDocuments', 'POST', `${APPLICATION}/restore`, 'Keep documents whose deletion is held or pending, out of the application', {
    request: z.object({ names: z.array(z.string()).min(1) }),
    response: done,
  }),
  route('diffApplication', 'GET', `${APPLICATION}/diff`, 'Differences between desired and live objects, asked of the agent', {
    response: z.looseObject({ items: z.array(z.looseObject({})) }),
  }),
  route('treeApplication', 'GET', `${APPLICATION}/tree`, 'Objects of an application with their children, asked of the agent', {
    response: z.looseObject({ items: z.array(z.looseObject({})) }),
  }),
  route('liveManifest', 'GET', `${APPLICATION}/live`, 'One live object, asked of the agent; Secret values are masked', {
    query: z.object({ resource: z.string() }),
    response: z.looseObject({}),
  }),
  route('applicationHistory', 'GET', `${APPLICATION}/history`, 'Releases an application went through', {
    response: z.object({ items: z.array(z.looseObject({})) }),
  }),

  route('listApplicationSets', 'GET', '/v1/applicationsets', 'Application sets', { query: listQuery, response: documents }),
  route('getApplicationSet', 'GET', SET, 'One application set', { response: document }),
  ...GENERATE_ROUTES,
  ...NOTIFY_ROUTES,
  route('confirmDeletes', 'POST', `${SET}/confirm-deletes`, 'Release the held deletions that are named', {
    request: z.object({ names: z.array(z.string()).min(1) }),
    response: done,
  }),
  route('restoreApplications', 'POST', `${SET}/restore`, 'Keep applications whose deletion is held or pending, out of the set', {
    request: z.object({ names: z.array(z.string()).min(1) }),
    response: done,
  }),
  route('confirmDeleteProject', 'POST', `${PROJECT}/confirm-delete`, 'Let the held deletion of a project go on', { response: done }),
  route('planRollout', 'GET', `${SET}/plan`, 'What the next release of a set would change, where and in which order', {
    response: rolloutPlanSchema,
  }),

  route('listRollouts', 'GET', '/v1/rollouts', 'Rollouts of the fleet', { query: listQuery, response: documents }),
  route('getRollout', 'GET', ROLLOUT, 'One rollout with its targets and ledger', { response: rolloutViewSchema }),
  ...(['approve', 'reject', 'pause', 'resume', 'abort', 'retry'] as const).map((verb) =>
    route(`${verb}Rollout`, 'POST', `${ROLLOUT}/${verb}`, `${verb[0]!.toUpperCase()}${verb.slice(1)} a rollout`, {
      request: reason,
      response: done,
    }),
  ),
  route('rollbackRollout', 'POST', `${ROLLOUT}/rollback`, 'Roll the changed clusters back to a release (default: the previous one)', {
    request: z.object({ release: z.string().optional(), reason: z.string().optional() }),
    response: done,
  }),

  ...SECRET_ROUTES,

  route('addRepository', 'POST', '/v1/repositories', 'Store the credential of a Git repository or of all below a URL', {
    request: z.object({
      url: z.string(),
      username: z.string().optional(),
      password: z.string().optional(),
      sshPrivateKey: z.string().optional(),
      knownHosts: z.string().optional(),
      ca: z.string().optional(),
      isTemplate: z.boolean().optional(),
      project: z.string().optional(),
    }),
    response: done,
  }),
];

export type ClusterAdd = z.infer<typeof clusterAddSchema>;
export type ClusterAddReply = z.infer<typeof clusterAddReplySchema>;
export type SyncRequest = z.infer<typeof syncRequestSchema>;
export type ApplyResult = z.infer<typeof applyResultSchema>;
export type RolloutPlan = z.infer<typeof rolloutPlanSchema>;
export type RolloutView = z.infer<typeof rolloutViewSchema>;

/** Error body of every REST answer that is not 2xx. */
export const restErrorSchema = z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() });
