import { type Ask, type Beat, isNewer } from '@flotilla/contracts';
import { newToken } from '@flotilla/kernel';
import type { MessageBus, SpokeMessage } from '@flotilla/messaging';
import type { AdmitSpoke } from './admit-spoke.js';
import type { DocumentStore } from './document.store.js';
import { wakeOf } from './write-documents.js';

/** Heals lost messages: a spoke behind its document is woken, one whose status we do not have is asked for a snapshot. Writes nothing. */
export class HearBeat {
  readonly #documents: DocumentStore;
  readonly #spokes: AdmitSpoke;
  readonly #bus: MessageBus;

  constructor(documents: DocumentStore, spokes: AdmitSpoke, bus: MessageBus) {
    this.#documents = documents;
    this.#spokes = spokes;
    this.#bus = bus;
  }

  async hear({ spoke, content }: SpokeMessage<Beat>): Promise<void> {
    const view = await this.#spokes.current(spoke, content.session);
    if (!view) return;
    if (content.session < view.session) {
      this.#ask(spoke, 'stop');
      return;
    }
    if (content.session > view.session) return;
    if (view.position && isNewer(view.position, content.position)) {
      const document = await this.#documents.read(view.cluster);
      if (document?.signed.header.spoke === spoke) this.#bus.tellSpoke(spoke, 'wake', wakeOf(document.signed, document.body));
    }
    const { report } = view;
    const isBehind = content.ackedSeq > 0 && (report.session !== content.session || report.seq < content.ackedSeq);
    if (isBehind) this.#ask(spoke, 'snapshot');
  }

  #ask(spoke: SpokeMessage<Beat>['spoke'], verb: Ask['verb']): void {
    this.#bus.tellSpoke(spoke, 'ask', { token: newToken(10), verb } satisfies Ask);
  }
}
