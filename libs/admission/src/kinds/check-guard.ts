import { CONTROL_NAMESPACE, type ConfigMap, GUARD_CONFIG_MAP, GUARD_KEYS, guardAnnotation, readGuardValue } from '@flotilla/contracts';
import { closestWord } from '@flotilla/kernel';
import type { AdmissionContext, Findings } from '../admission.js';

/** Settings of the guard over deletions on a set or project; what was stored earlier is told and no more. */
export function checkGuardAnnotations(
  { metadata }: { metadata: { annotations?: Readonly<Record<string, string>> | undefined } },
  findings: Findings,
  { previous }: AdmissionContext,
): void {
  for (const key of GUARD_KEYS) {
    const annotation = guardAnnotation(key);
    const text = metadata.annotations?.[annotation];
    if (text === undefined) continue;
    const read = readGuardValue(key, text);
    if ('value' in read) continue;
    if (previous?.metadata.annotations?.[annotation] === text) {
      findings.warn(`metadata.annotations.${annotation}: ${read.fault}; until then the built-in value holds`);
    } else findings.error(`metadata.annotations.${annotation}`, read.fault);
  }
}

/** The fleet's own settings of the guard. */
export function checkGuardConfig({ metadata, data = {} }: ConfigMap, findings: Findings): void {
  if (metadata.name !== GUARD_CONFIG_MAP || metadata.namespace !== CONTROL_NAMESPACE) return;
  for (const [key, text] of Object.entries(data)) {
    const known = GUARD_KEYS.find((one) => one === key);
    if (known === undefined) {
      const meant = closestWord(key, GUARD_KEYS);
      findings.error(`data.${key}`, `is no setting of the guard; ${meant ? `did you mean ${meant}` : `they are ${GUARD_KEYS.join(', ')}`}`);
      continue;
    }
    const read = readGuardValue(known, text);
    if ('fault' in read) findings.error(`data.${key}`, read.fault);
  }
}
