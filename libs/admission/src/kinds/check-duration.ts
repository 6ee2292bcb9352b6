import { messageOf, parseDuration } from '@flotilla/kernel';
import type { Findings } from '../admission.js';

/** A duration as Go writes it, or an error of the field. */
export function checkDuration(value: string | number | undefined, field: string, findings: Findings): void {
  if (value === undefined) return;
  try {
    parseDuration(value);
  } catch (error) {
    findings.error(field, messageOf(error));
  }
}
