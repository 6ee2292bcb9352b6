import type { AppStatus } from '@flotilla/contracts';
import type { ResourceKey } from '@flotilla/resources';
import type { Assignment } from '../desired/build-document.js';
import type { FleetApplication } from '../fleet/fleet.store.js';

/** A document an application put into the hub's own store; times in milliseconds since the epoch. */
export interface LocalObject {
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  /** Since when its deletion is wanted: it is not in the source any more, or its application is deleted. */
  leftAt?: number;
  /** Since when the guard holds that deletion. */
  heldSince?: number;
  /** Who let it go by name. */
  releasedBy?: string;
}

export interface LocalState {
  application: FleetApplication;
  isDeleting: boolean;
  assignment?: Pick<Assignment, 'label' | 'content' | 'apply' | 'operation'>;
  objects: LocalObject[];
  /** Id of the operation that was carried out last. */
  doneOperation?: string;
}

export abstract class LocalStore {
  abstract read(uid: string): Promise<LocalState | undefined>;
  /** All it has from now on. Who released one is kept as long as its deletion is wanted; this never sets it. */
  abstract saveObjects(uid: string, objects: readonly LocalObject[]): Promise<void>;
  /** What the hub itself says of the application, as an agent would. */
  abstract report(status: Omit<AppStatus, 'goneResources' | 'complete'>, now: number): Promise<void>;
  /** Why a deleted application is still there; undefined: it only takes its time. Whoever waits for it has another look. */
  abstract explainRemoval(application: FleetApplication, message: string | undefined, now: number): Promise<void>;
  /** Nothing of it is left in the hub's own store; its document is due. */
  abstract finishRemoval(uid: string, now: number): Promise<void>;
  /** What an application, deleted or not, has that is to be deleted; undefined when there is no such application. */
  abstract leaving(namespace: string, name: string): Promise<{ uid: string; objects: LocalObject[] } | undefined>;
  /** Lets deletions of an application go on; it becomes due. */
  abstract release(uid: string, objects: readonly LocalObject[], by: string, now: number): Promise<void>;
  /** A document changed or is gone: applications that wait to see it deleted, or are waiting themselves, become due. */
  abstract wake(key: ResourceKey, now: number): Promise<void>;
  /** Settings of the guard changed, of one project or of the fleet: applications that wait become due. */
  abstract wakeHeld(project: string | undefined, now: number): Promise<void>;
}
