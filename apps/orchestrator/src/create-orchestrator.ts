import type { BlobStore } from '@flotilla/blobs';
import type { ReceiptsVerb } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { MessageBus } from '@flotilla/messaging';
import type { Database } from '@flotilla/persistence';
import type { ApplicationStatusWriter, ResourceKey, ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { AssembleRelease } from './candidates/assemble-release.js';
import { BundleCache } from './candidates/bundle-cache.js';
import { CheckBundles } from './candidates/check-bundles.js';
import { PinCommits } from './candidates/pin-commits.js';
import { RenderMembers } from './candidates/render-members.js';
import { PgScopeStore } from './candidates/scope.store.pg.js';
import { AdmitSpoke } from './desired/admit-spoke.js';
import { AnswerPosition } from './desired/answer-position.js';
import { PgDocumentStore } from './desired/document.store.pg.js';
import { DocumentBodies } from './desired/document-bodies.js';
import { HearBeat } from './desired/hear-beat.js';
import { ServeBlobs } from './desired/serve-blobs.js';
import { ServeDesired } from './desired/serve-desired.js';
import { WriteDocuments } from './desired/write-documents.js';
import { PgFleetStore } from './fleet/fleet.store.pg.js';
import { ReconcileApplication } from './fleet/reconcile-application.js';
import { ReconcileCluster } from './fleet/reconcile-cluster.js';
import { ReconcileInputs } from './fleet/reconcile-inputs.js';
import { followDocuments } from './follow-documents.js';
import { PgHistoryStore } from './history/history.store.pg.js';
import { PruneHistory } from './history/prune-history.js';
import type { OrchestratorConfig } from './orchestrator.config.js';
import { PlanRelease } from './plans/plan-release.js';
import { PreviewRollout } from './plans/preview-rollout.js';
import { type DoWork, WorkRunner } from './queue/run-work.js';
import { PgWorkQueue } from './queue/work-queue.pg.js';
import { ReconcileUnit } from './releases/reconcile-unit.js';
import { PgReleaseStore } from './releases/release.store.pg.js';
import { ReleaseSet } from './releases/release-set.js';
import { ReleaseSingle } from './releases/release-single.js';
import { AdvanceRollout } from './rollouts/advance-rollout.js';
import { ControlRollout } from './rollouts/control-rollout.js';
import { FollowEdit } from './rollouts/follow-edit.js';
import { ReadRollout } from './rollouts/read-rollout.js';
import { validateTransitions } from './rollouts/rollout.js';
import { PgRolloutStore } from './rollouts/rollout.store.pg.js';
import { AnswerGrants } from './secrets/answer-grants.js';
import { KeepGrants } from './secrets/keep-grants.js';
import { ReadGrantLabels } from './secrets/read-grant-labels.js';
import { PgSecretStore } from './secrets/secret.store.pg.js';
import { IngestStatus } from './status/ingest-status.js';
import { ProjectStatus } from './status/project-status.js';
import { PgStatusStore } from './status/status.store.pg.js';
import { WriteSummaries } from './summaries/write-summaries.js';
import { ApplyLocal } from './sync/apply-local.js';
import { ConfirmRemoval } from './sync/confirm-removal.js';
import { PgLocalStore } from './sync/local.store.pg.js';
import { RemoveLocal } from './sync/remove-local.js';
import { RequestSync } from './sync/request-sync.js';
import { RestoreRemoval } from './sync/restore-removal.js';
import { WakeLocal } from './sync/wake-local.js';
import { WriteLocal } from './sync/write-local.js';

/** What the process gives the orchestrator. */
export interface OrchestratorPorts {
  config: OrchestratorConfig;
  /** Name of the fleet; every desired document names it. */
  fleet: string;
  database: Database;
  store: ResourceStore;
  statuses: ApplicationStatusWriter;
  blobs: BlobStore;
  keyring: Keyring;
  bus: MessageBus;
  clock: Clock;
  logger: Logger;
}

export type OrchestratorUses = ReturnType<typeof createOrchestrator>['uses'];

/** Calls per key, several at once where keys do not touch each other. */
const each =
  (work: (key: string) => Promise<number | undefined>): DoWork =>
  async (keys) => {
    const later = new Map<string, number>();
    for (const key of keys) {
      const at = await work(key);
      if (at !== undefined) later.set(key, at);
    }
    return later;
  };
const once =
  (work: (key: string) => Promise<unknown>): DoWork =>
  async (keys) => {
    for (const key of keys) await work(key);
    return undefined;
  };

function createUseCases(ports: OrchestratorPorts, nudge: () => void) {
  const { database, store, statuses, blobs, keyring, bus, clock, logger } = ports;
  const fleet = new PgFleetStore(database);
  const releases = new PgReleaseStore(database);
  const rollouts = new PgRolloutStore(database);
  const documents = new PgDocumentStore(database);
  const status = new PgStatusStore(database);
  const bodies = new DocumentBodies(documents);
  const secrets = new PgSecretStore(database);
  const bundles = new BundleCache(blobs);
  const local = new PgLocalStore(database);
  const write = new WriteLocal(store);
  const clusters = new ReconcileCluster(store, fleet, clock);
  const spokes = new AdmitSpoke(documents, clusters);
  const preview = new PreviewRollout(releases, bundles);
  const assemble = new AssembleRelease({
    store,
    fleet,
    pin: new PinCommits(fleet, bus),
    render: new RenderMembers(bus),
    check: new CheckBundles({ blobs, bundles, scopes: new PgScopeStore(database), clock }),
  });
  const control = new ControlRollout(rollouts, releases, clock, nudge);
  const modes = {
    set: new ReleaseSet({ releases, rollouts, assemble, preview, clock }),
    single: new ReleaseSingle(releases, rollouts, clock),
  };
  return {
    clusters,
    inputs: new ReconcileInputs(store, fleet, clock),
    applications: new ReconcileApplication(store, fleet, clock),
    units: new ReconcileUnit(fleet, releases, assemble, modes, clock),
    advance: new AdvanceRollout(rollouts, clock),
    control,
    edits: new FollowEdit(store, rollouts, control, clock),
    history: new PruneHistory(store, new PgHistoryStore(database), clock),
    plan: new PlanRelease({ fleet, releases, assemble, preview, bus }),
    readRollout: new ReadRollout(store, rollouts),
    summaries: new WriteSummaries(store, releases, rollouts),
    write: new WriteDocuments({ documents, keyring, bus, clock, fleet: ports.fleet }),
    desired: new ServeDesired(documents, spokes),
    blobs: new ServeBlobs({ bodies, spokes, blobs, bundles, keyring }),
    grants: new AnswerGrants(bodies, spokes, ports.fleet, logger),
    secrets: new KeepGrants(store, secrets, new ReadGrantLabels(store, secrets, blobs), clock),
    receipts: secrets,
    beat: new HearBeat(documents, spokes, bus),
    position: new AnswerPosition(documents, keyring, clock),
    ingest: new IngestStatus({ status, spokes, clock, logger, nudge }),
    project: new ProjectStatus(status, statuses, clock),
    local: new ApplyLocal({ local, write, remove: new RemoveLocal(store, write, clock), blobs, bundles, clock }),
    wakeLocal: new WakeLocal(local, clock),
    confirmRemoval: new ConfirmRemoval(local, clock, nudge),
    restoreRemoval: new RestoreRemoval(local, write, clock, nudge),
    sync: new RequestSync(fleet, releases, clock, nudge),
  };
}

type UseCases = ReturnType<typeof createUseCases>;

/** `namespace/name` of an Application. */
function applicationKey(key: string): ResourceKey {
  const [namespace = '', name = ''] = key.split('/');
  return { kind: 'Application', namespace, name };
}

/** `grant:<namespace>/<name>`, or what WriteSummaries takes. */
async function writeDocument({ secrets, summaries }: UseCases, key: string): Promise<void> {
  const [namespace = '', name = ''] = key.slice(key.indexOf(':') + 1).split('/');
  await (key.startsWith('grant:') ? secrets.write({ namespace, name }) : summaries.write(key));
}

function createRunner({ config, database, clock, logger }: OrchestratorPorts, cases: UseCases): WorkRunner {
  return new WorkRunner(
    new PgWorkQueue(database),
    [
      { kind: 'application', batch: 20, parallel: 2, work: once((key) => cases.applications.reconcile(applicationKey(key))) },
      { kind: 'unit', batch: 1, parallel: config.unitConcurrency, work: each((key) => cases.units.reconcile(key)) },
      { kind: 'rollout', batch: 4, parallel: 2, work: once((key) => cases.advance.advance(key)) },
      { kind: 'cluster', batch: 200, parallel: 2, work: (keys) => cases.write.write(keys) },
      { kind: 'local', batch: 1, parallel: 1, work: each((key) => cases.local.apply(key)) },
      { kind: 'summary', batch: 10, parallel: 1, work: once((key) => writeDocument(cases, key)) },
      { kind: 'history', batch: 1, parallel: 1, work: each((key) => cases.history.prune(key)) },
    ],
    clock,
    logger,
  );
}

/** The use cases behind the routes, over PostgreSQL. */
export function createOrchestrator(ports: OrchestratorPorts) {
  validateTransitions();
  let runner: WorkRunner | undefined;
  const nudge = (): void => runner?.nudge();
  const cases = createUseCases(ports, nudge);
  const working = createRunner(ports, cases);
  runner = working;
  const uses = {
    ...followDocuments(cases, nudge),
    lookAfresh: () => cases.applications.forgetSeen(),
    sweepHistory: async () => {
      await cases.history.sweep();
      await cases.secrets.sweep();
    },
    work: () => working.tick(),
    project: () => cases.project.project(),
    desired: cases.desired.serve.bind(cases.desired),
    blobs: cases.blobs.serve.bind(cases.blobs),
    status: cases.ingest.take.bind(cases.ingest),
    beat: cases.beat.hear.bind(cases.beat),
    grants: cases.grants.answer.bind(cases.grants),
    grantsOfMany: cases.grants.answerMany.bind(cases.grants),
    receipts: async (of: ReceiptsVerb) => ({ receipts: await cases.receipts.receipts(of) }),
    position: cases.position.answer.bind(cases.position),
    plan: cases.plan.plan.bind(cases.plan),
    rollout: cases.readRollout.read.bind(cases.readRollout),
    sync: cases.sync.request.bind(cases.sync),
    confirmDeletion: cases.confirmRemoval.confirm.bind(cases.confirmRemoval),
    restore: cases.restoreRemoval.restore.bind(cases.restoreRemoval),
    pause: cases.control.pause.bind(cases.control),
    resume: cases.control.resume.bind(cases.control),
    approve: cases.control.approve.bind(cases.control),
    reject: cases.control.reject.bind(cases.control),
    abort: cases.control.abort.bind(cases.control),
    retry: cases.control.retry.bind(cases.control),
    rollback: cases.control.rollback.bind(cases.control),
  };
  /** Everything that is due, until nothing is: for tests and orderly ends. */
  const settle = async (): Promise<void> => {
    await working.drain();
    await cases.project.project();
  };
  return { uses, settle, stop: () => working.stop() };
}
