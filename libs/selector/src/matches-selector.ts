import type { Requirement } from './requirement.js';

/** Whether labels meet every requirement. As in Kubernetes, `NotIn` also holds for an absent key. */
export function matchesSelector(requirements: readonly Requirement[], labels: Readonly<Record<string, string>> | undefined): boolean {
  return requirements.every((requirement) =>
    meetsRequirement(requirement, labels && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined),
  );
}

/** Whether a label's value, `undefined` for an absent label, meets one requirement. */
export function meetsRequirement({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0]);
  }
}
