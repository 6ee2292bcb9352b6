import { admit, type FieldError } from '@flotilla/admission';
import type { ResourceDocument } from '@flotilla/contracts';
import type { OfflineFleet } from './fleet-rules.js';

/** What the hub would refuse a generated application for, as far as the fleet is known. */
export function errorsOfGenerated(
  { status: _, ...document }: ResourceDocument,
  { clusters, projects }: OfflineFleet,
  previous?: ResourceDocument,
): FieldError[] {
  return admit(document, {
    byService: true,
    ...(clusters ? { clusters } : {}),
    ...(projects ? { project: (name) => projects.get(name) } : {}),
    ...(previous ? { previous } : {}),
  }).errors;
}
