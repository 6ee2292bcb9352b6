import type { ManagerId } from './managed-fields.js';

/** Fields that another manager owns and the apply would change. */
export interface ApplyConflict {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string;
  /** Paths in the real server's words, for example `.spec.replicas` or `.spec.template.spec.containers[name="web"].image`. */
  fields: string[];
}

export interface ConflictCause {
  reason: 'FieldManagerConflict';
  message: string;
  field: string;
}

export function describeManager({ manager, operation, apiVersion, subresource }: ManagerId): string {
  const quoted = JSON.stringify(manager);
  const name = subresource ? `${quoted} with subresource ${JSON.stringify(subresource)}` : quoted;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

/** The message and causes of the 409 that the real server answers. (managedfields/internal/conflict.go) */
export function describeConflicts(conflicts: readonly ApplyConflict[]): { message: string; causes: ConflictCause[] } {
  const causes = conflicts.flatMap((conflict) =>
    conflict.fields.map((field) => ({
      reason: 'FieldManagerConflict' as const,
      message: `conflict with ${describeManager(conflict)}`,
      field,
    })),
  );
  const [only] = causes;
  if (causes.length === 1 && only) return { message: `Apply failed with 1 conflict: ${only.message}: ${only.field}`, causes };
  const lines = conflicts.flatMap((conflict) => [
    `conflicts with ${describeManager(conflict)}:`,
    ...conflict.fields.map((field) => `- ${field}`),
  ]);
  return { message: `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes };
}
