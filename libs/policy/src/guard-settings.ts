import { GUARD_DEFAULTS, GUARD_KEYS, type GuardKey, guardAnnotation, readGuardValue } from '@flotilla/contracts';

/** How much of one set, or of the children of one application, may go unasked, and how long a deletion can be taken back. */
export interface GuardSettings {
  maxDeletions: number;
  /** Of what there is of it. 100 also lets all of several go. */
  maxDeletionPercent: number;
  restoreWindowMs: number;
}

export const DEFAULT_GUARD: GuardSettings = {
  maxDeletions: GUARD_DEFAULTS['max-deletions'],
  maxDeletionPercent: GUARD_DEFAULTS['max-deletion-percent'],
  restoreWindowMs: GUARD_DEFAULTS['restore-window'],
};

type Texts = Readonly<Record<string, string>>;

/** Where settings may stand, from the most specific on. */
export interface GuardSources {
  /** Annotations of the set, or of the application that has children. */
  own?: Texts | undefined;
  /** Annotations of the projects of the applications that may go, by the project's name. */
  projects?: ReadonlyMap<string, Texts | undefined>;
  /** `data` of the fleet's ConfigMap. */
  fleet?: Texts | undefined;
}

/**
 * Each setting from the most specific place that has it: its own, project, fleet, built in. Of several projects the most careful
 * one counts. A value that cannot be read counts as the built-in one, and is told.
 */
export function guardSettings(sources: GuardSources): { settings: GuardSettings; warnings: string[] } {
  const warnings: string[] = [];
  const settingOf = (key: GuardKey): number => {
    const read = (text: string | undefined, field: string) => readOrDefault(key, text, field, warnings);
    const own = read(sources.own?.[guardAnnotation(key)], `metadata.annotations.${guardAnnotation(key)}`);
    if (own !== undefined) return own;
    const fleet = () => read(sources.fleet?.[key], `data.${key} of the fleet's ConfigMap`) ?? GUARD_DEFAULTS[key];
    const projects = [...(sources.projects ?? [])].map(
      ([name, texts]) => read(texts?.[guardAnnotation(key)], `annotation ${guardAnnotation(key)} of AppProject ${name}`) ?? fleet(),
    );
    if (projects.length === 0) return fleet();
    return key === 'restore-window' ? Math.max(...projects) : Math.min(...projects);
  };
  const [maxDeletions, maxDeletionPercent, restoreWindowMs] = GUARD_KEYS.map(settingOf) as [number, number, number];
  return { settings: { maxDeletions, maxDeletionPercent, restoreWindowMs }, warnings: [...new Set(warnings)] };
}

function readOrDefault(key: GuardKey, text: string | undefined, field: string, warnings: string[]): number | undefined {
  if (text === undefined) return undefined;
  const read = readGuardValue(key, text);
  if ('value' in read) return read.value;
  warnings.push(`${field}: ${read.fault}; until then the built-in value holds`);
  return GUARD_DEFAULTS[key];
}
