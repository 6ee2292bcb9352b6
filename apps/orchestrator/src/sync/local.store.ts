import type { AppStatus } from '@flotilla/contracts';
import type { Assignment } from '../desired/build-document.js';
import type { FleetApplication } from '../fleet/fleet.store.js';

/** A document an application put into the hub's own store. */
export interface LocalObject {
  kind: string;
  namespace: string;
  name: string;
  uid: string;
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
  abstract saveObjects(uid: string, objects: readonly LocalObject[]): Promise<void>;
  /** What the hub itself says of the application, as an agent would. */
  abstract report(status: Omit<AppStatus, 'goneResources' | 'complete'>, now: number): Promise<void>;
  /** Nothing of it is left in the hub's own store; its document is due. */
  abstract finishRemoval(uid: string, now: number): Promise<void>;
}
