import { zstdDecompressSync } from 'node:zlib';
import {
  type AppStatus,
  type DesiredApp,
  type DesiredBody,
  desiredBodySchema,
  type StatusBatch,
  type StatusReply,
} from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import type { OrchestratorUses } from '../create-orchestrator.js';

/** How an application turns out on this cluster; without a word everything is healthy. */
export type Outcome = Partial<Pick<AppStatus, 'sync' | 'health' | 'message' | 'operation'>>;

/** A spoke that pulls its document and reports on it at once, as the protocol wants. */
export class TestAgent {
  readonly cluster: string;
  readonly spoke: SpokeId;
  outcome: (app: DesiredApp) => Outcome = () => ({});
  /** While false it neither pulls nor reports. */
  isOnline = true;
  session: number;
  /** What it says of its cluster, as the registry keeps it. */
  readonly facts: Record<string, unknown> = {};
  body: DesiredBody = { apps: [], grants: [], removals: [] };
  position?: { epoch: number; generation: number };
  readonly receipts = new Set<string>();
  #seq = 0;
  #known = new Set<string>();

  constructor(cluster: string, spoke: SpokeId, session: number) {
    this.cluster = cluster;
    this.spoke = spoke;
    this.session = session;
  }

  /** Pulls what is newer. True when there was something. */
  async pull(uses: OrchestratorUses): Promise<boolean> {
    const parts: Uint8Array[] = [];
    for (let from: { epoch: number; generation: number; offset: number } | undefined; ; ) {
      const { meta, bytes } = await uses.desired({ spoke: this.spoke, content: { session: this.session, held: this.position, from } });
      if ('error' in meta) throw new Error(meta.error.message);
      if ('current' in meta) return false;
      parts.push(bytes!);
      const { epoch, generation } = meta.signed.header;
      const offset = meta.offset + bytes!.length;
      if (offset < meta.totalBytes) {
        from = { epoch, generation, offset };
        continue;
      }
      this.body = desiredBodySchema.parse(JSON.parse(zstdDecompressSync(Buffer.concat(parts)).toString()));
      this.position = { epoch, generation };
      return true;
    }
  }

  statusOf(app: DesiredApp): AppStatus {
    const { sync = app.apply || app.operation ? 'Synced' : 'OutOfSync', health = 'Healthy', ...rest } = this.outcome(app);
    const operation = app.operation && {
      id: app.operation.id,
      phase: 'Succeeded' as const,
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:01Z',
    };
    const resources = [{ key: `/ConfigMap/default/${app.name}`, version: 'v1', sync, health }];
    return {
      uid: app.uid,
      release: app.release,
      bundle: app.bundle,
      sync,
      health,
      observedAt: '2026-01-01T00:00:00Z',
      resources,
      ...(operation ? { operation } : {}),
      ...rest,
    };
  }

  /** Reports everything, as a snapshot at the begin of a session. */
  async report(uses: OrchestratorUses, rest: Partial<StatusBatch> = {}): Promise<StatusReply> {
    const gone = [...this.#known].filter((uid) => !this.body.apps.some((app) => app.uid === uid));
    this.#known = new Set(this.body.apps.map(({ uid }) => uid));
    const receipts = this.body.removals.map(({ uid, mode }) => ({ kind: 'removal' as const, uid, mode, done: true }));
    for (const { uid, mode } of receipts) this.receipts.add(`${mode} ${uid}`);
    const snapshot = this.#seq === 0 ? ('whole' as const) : undefined;
    this.#seq++;
    const content: StatusBatch = {
      session: this.session,
      seq: this.#seq,
      apps: this.body.apps.map((app) => this.statusOf(app)),
      gone,
      receipts,
      ...(snapshot ? { snapshot } : {}),
      ...rest,
    };
    return uses.status({ spoke: this.spoke, content });
  }

  begin(session: number): void {
    this.session = session;
    this.#seq = 0;
  }
}
