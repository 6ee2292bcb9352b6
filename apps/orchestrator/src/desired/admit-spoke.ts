import type { SpokeId } from '@flotilla/kernel';
import type { ReconcileCluster } from '../fleet/reconcile-cluster.js';
import type { DocumentStore, SpokeView } from './document.store.js';
import { SpokeRefusedError } from './spoke-refused.errors.js';

const REFUSED_PHASES: Readonly<Record<string, ['pending' | 'quarantined' | 'revoked', string]>> = {
  Pending: ['pending', 'the cluster waits to be accepted: flotilla cluster accept'],
  Quarantined: ['quarantined', 'the cluster is quarantined; an operator has to look'],
  Revoked: ['revoked', 'the credential of this spoke is revoked'],
};

/** Who asks: the cluster of a spoke, and whether its session is the current one. */
export class AdmitSpoke {
  readonly #documents: DocumentStore;
  readonly #clusters: ReconcileCluster;

  constructor(documents: DocumentStore, clusters: ReconcileCluster) {
    this.#documents = documents;
    this.#clusters = clusters;
  }

  /** @throws SpokeRefusedError */
  async admit(spoke: SpokeId, session: number): Promise<SpokeView> {
    const view = await this.current(spoke, session);
    if (!view) throw new SpokeRefusedError('unknown-spoke', 'no cluster is bound to this spoke');
    const refused = REFUSED_PHASES[view.phase];
    if (refused) throw new SpokeRefusedError(...refused);
    if (session < view.session) throw new SpokeRefusedError('superseded', `session ${session} was superseded by session ${view.session}`);
    if (session > view.session) throw new SpokeRefusedError('unavailable', `session ${session} is not recorded yet; try again`);
    return view;
  }

  /** The registry may have begun the session, or bound the spoke, a moment before our row says so. */
  async current(spoke: SpokeId, session: number): Promise<SpokeView | undefined> {
    const view = await this.#documents.view(spoke);
    if (view && view.session >= session && REFUSED_PHASES[view.phase] === undefined) return view;
    if (view) await this.#clusters.refresh(view.cluster);
    else await this.#clusters.find(spoke);
    return this.#documents.view(spoke);
  }
}
