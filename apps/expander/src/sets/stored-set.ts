import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';

/** An ApplicationSet as the store gives it. */
export type StoredSet = ApplicationSet & ResourceDocument;
