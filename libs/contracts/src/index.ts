export { AGENT_PROCESS } from './agent-process.js';
export type { AppProject, AppProjectSpec } from './documents/app-project.js';
export type {
  Application,
  ApplicationDestination,
  ApplicationSource,
  ApplicationSpec,
  ApplicationStatus,
  DirectorySource,
  HealthStatus,
  HelmSource,
  IgnoreDifference,
  KustomizeSource,
  Operation,
  OperationPhase,
  SyncPolicy,
  SyncStatus,
} from './documents/application.js';
export { applicationSpecSchema, sourcesOf } from './documents/application.js';
export type { ApplicationSet, ApplicationSetSpec, ApplicationStepStatus, SetStrategy } from './documents/application-set.js';
export {
  labelSelectorSchema,
  MAX_APPLICATION_STEPS,
  MAX_HELD_REASONS,
  ROLLING_SYNC_POLICY,
  ROLLOUT_POLICY_ANNOTATION,
} from './documents/application-set.js';
export { type ClusterSecretValues, clusterOfSecret, isClusterSecret, SECRET_ANNOTATION } from './documents/cluster-of-secret.js';
export { type ConfigMap, type Namespace, SECRET_TYPE_LABEL, type Secret } from './documents/core.js';
export type {
  Cluster,
  EnrolmentToken,
  FleetRollout,
  GitSource,
  Release,
  RolloutPhase,
  RolloutPolicy,
  StageOptions,
} from './documents/fleet.js';
export { clusterNameOf, fleetRolloutSchema, LOCAL_SERVER, releaseSchema, serverOf } from './documents/fleet.js';
export type { GuardKey } from './documents/guard.js';
export {
  CONFIRMED_DELETIONS_ANNOTATION,
  DELETE_AFTER_ANNOTATION,
  GENERATED_FROM_ANNOTATION,
  GUARD_ANNOTATIONS,
  GUARD_CONFIG_MAP,
  GUARD_DEFAULTS,
  GUARD_KEYS,
  guardAnnotation,
  IN_USE_FINALIZER,
  isProtected,
  PROTECTED_LABEL,
  REMOVAL_HOLD_LIMIT,
  readGuardValue,
  removalHeld,
} from './documents/guard.js';
export { apiVersionOf, KINDS, type KindDefinition, kindDefinition } from './documents/kinds.js';
export type { Condition, ObjectMeta, OwnerReference, ResourceDocument } from './documents/meta.js';
export { ARGO_GROUP, CONTROL_NAMESPACE, FLOTILLA_GROUP } from './documents/meta.js';
export { PLACEMENT_GROUP, type PlacementDecision } from './documents/placement-decision.js';
export { knownFields, leafTypeAt, memberSchema } from './documents/schema-shape.js';
export type { SecretGrant } from './documents/secret-grant.js';
export type { CaProvider, ExternalSecret, RemoteRef, SealedSecret, SecretStoreDocument } from './documents/secrets.js';
export {
  CLUSTER_WIDE_ANNOTATION,
  caProviderSchema,
  MIN_REFRESH_MS,
  NAMESPACE_WIDE_ANNOTATION,
  SEALED_SECRETS_GROUP,
  STORE_PROJECTS_ANNOTATION,
} from './documents/secrets.js';
export type { Bundle, BundleItem, DesiredApp, DesiredBody, DesiredHeader, Grant, Removal, SignedHeader } from './messages/desired.js';
export { bundleSchema, desiredBodySchema, signedHeaderSchema } from './messages/desired.js';
export type {
  ConfirmDeletesReply,
  ConfirmDeletesRequest,
  ConfirmProjectDeleteRequest,
  ExplainReply,
  GenerateReply,
  GenerateRequest,
  HeldApplicationReply,
  SetIntent,
  TraceRequest,
} from './messages/expander.js';
export {
  confirmDeletesReplySchema,
  confirmDeletesRequestSchema,
  confirmProjectDeleteRequestSchema,
  explainReplySchema,
  generateReplySchema,
  generateRequestSchema,
  MAX_INTENT_NAMES,
  traceRequestSchema,
} from './messages/expander.js';
export type {
  EnrolReply,
  EnrolRequest,
  PushedReply,
  PushedRequest,
  RenderReply,
  RenderRequest,
  ResolveReply,
  ResolveRequest,
  VerbError,
} from './messages/hub.js';
export {
  directoriesRequestSchema,
  ENROL_TIMEOUT_MS,
  enrolReplySchema,
  enrolRequestSchema,
  filesRequestSchema,
  listingReplySchema,
  positionReplySchema,
  positionRequestSchema,
  pushedReplySchema,
  pushedRequestSchema,
  renderReplySchema,
  renderRequestSchema,
  renewReplySchema,
  renewRequestSchema,
  resolveReplySchema,
  resolveRequestSchema,
  verbErrorSchema,
} from './messages/hub.js';
export { type NotifierReply, type NotifierRequest, notifierVerbs } from './messages/notifier.js';
export type { PlanVerb, RolloutRead, RolloutVerb, SyncVerb } from './messages/orchestrator.js';
export {
  confirmRemovalReplySchema,
  planVerbReplySchema,
  planVerbSchema,
  rolloutReadReplySchema,
  rolloutReadSchema,
  rolloutVerbReplySchema,
  rolloutVerbSchema,
  syncVerbReplySchema,
  syncVerbSchema,
} from './messages/orchestrator.js';
export type {
  BindRequest,
  ClusterVerbReply,
  ClusterVerbRequest,
  CreateTokenReply,
  CreateTokenRequest,
  ListTokensReply,
} from './messages/registry.js';
export {
  bindRequestSchema,
  clusterVerbReplySchema,
  clusterVerbRequestSchema,
  createTokenReplySchema,
  createTokenRequestSchema,
  listTokensReplySchema,
  listTokensRequestSchema,
} from './messages/registry.js';
export { sealedBlobContext, sealedBlobStatement } from './messages/sealed-blob.js';
export type {
  GrantsOfMany,
  GrantsOfManyReply,
  GrantsVerb,
  GrantsVerbReply,
  ReceiptsVerb,
  ReceiptsVerbReply,
  SecretRefusal,
  SecretsReply,
  SecretsRequest,
} from './messages/secrets.js';
export {
  grantsOfManyReplySchema,
  grantsOfManySchema,
  grantsVerbReplySchema,
  grantsVerbSchema,
  MAX_GRANT_ASKS,
  MAX_HERD_GRANTS,
  MAX_SEALED_TEXT,
  receiptsVerbReplySchema,
  receiptsVerbSchema,
  rotateSealedReplySchema,
  SEALING_TIMEOUT_MS,
  sealedVerbSchema,
  sealingCertReplySchema,
  secretContext,
  secretStatement,
  secretsReplySchema,
  secretsRequestSchema,
  verifySealedReplySchema,
} from './messages/secrets.js';
export type {
  Answer,
  AppStatus,
  Ask,
  Beat,
  BlobsReply,
  BlobsRequest,
  DesiredReply,
  DesiredRequest,
  HelloReply,
  HelloRequest,
  Position,
  Refusal,
  ResourceStatus,
  SecretReceipt,
  StatusBatch,
  StatusReply,
  Wake,
} from './messages/spoke.js';
export {
  answerSchema,
  askSchema,
  beatSchema,
  blobsReplySchema,
  blobsRequestSchema,
  desiredReplySchema,
  desiredRequestSchema,
  helloReplySchema,
  helloRequestSchema,
  isNewer,
  refusalSchema,
  statusBatchSchema,
  statusReplySchema,
  wakeSchema,
} from './messages/spoke.js';
export type { HubService, SpokeRequest, SpokeVerb } from './messages/subjects.js';
export {
  answerSubject,
  anySpokeSubject,
  CHANGES_MOVED,
  eventSubject,
  HUB_SERVICES,
  hubSubject,
  MAX_PART_BYTES,
  MAX_STATUS_BYTES,
  META_HEADER,
  SPOKE_LISTENS,
  SPOKE_PUBLISHES,
  SPOKE_REQUEST_TIMEOUT_MS,
  SPOKE_REQUESTS,
  SUBJECT_PREFIX,
  spokeInbox,
  spokePrefix,
  spokeSubject,
} from './messages/subjects.js';
export type { NotifyFinding, NotifyPreview, NotifyReceipt } from './rest/notify-routes.js';
export type { ApplyResult, ClusterAdd, ClusterAddReply, RestRoute, RolloutPlan, RolloutView, SyncRequest } from './rest/routes.js';
export { REST_ROUTES, restErrorSchema } from './rest/routes.js';
export type { RotateSecrets } from './rest/secret-routes.js';
