import { FlotillaError } from '@flotilla/kernel';

/** A cause of a Status: what is wrong with which field. */
export interface StatusCause {
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldValueForbidden`, `FieldManagerConflict`, ... */
  reason?: string;
  message: string;
  field?: string;
}

/** `v1.Status` as the Kubernetes API server writes it. */
export interface KubeStatus {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** An answer that is not a success; `status` is the body the client gets. */
export class KubeApiError extends FlotillaError {
  readonly code = 'kube-api';
  readonly status: KubeStatus & { code: number };

  constructor(code: number, reason: string | undefined, message: string, details?: KubeStatus['details']) {
    super(message, { code, reason });
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
  }
}

/** A resource as messages name it: `deployments.apps`, or `configmaps` in the core group. */
export function qualify(group: string, name: string): string {
  return group === '' ? name : `${name}.${group}`;
}

/** The group, omitted for the core group, as `details` has it. */
export function detailsOf(group: string, kind: string, name: string): { name: string; group?: string; kind: string } {
  return group === '' ? { name, kind } : { name, group, kind };
}
