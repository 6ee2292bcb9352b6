/**
 * Where a parameter's value stands. `generator` and `field` are paths in the set (`spec.generators[0].list`); `file` is a file of
 * `repository`, or the manifest of the set where there is no repository. What cannot be told is left out.
 */
export interface ParameterSource {
  generator: string;
  /** The field of the set that holds the value itself, as for list elements and `values`. */
  field?: string;
  /** Parameters that the text in `field` is made from. */
  from?: string[];
  repository?: string;
  revision?: string;
  file?: string;
  /** 1-based. */
  line?: number;
  /** Which element of a list, of a file's list, or of a server's answer. */
  element?: number;
  cluster?: string;
  label?: string;
  annotation?: string;
}

/** One parameter that the template of an application names. */
export interface TracedParameter {
  name: string;
  /** Absent when nothing gives it. */
  value?: unknown;
  /** Fields of the application whose templates name it. */
  fields: string[];
  /** Absent when nothing gives the parameter; `spec.template` when its default stands in. */
  source?: ParameterSource;
  /** What gives it too and is overridden, the stronger first. */
  overridden?: { value: unknown; source: ParameterSource }[];
}

export interface TracedApplication {
  name: string;
  /** Why it is not written. */
  held?: string;
  parameters: TracedParameter[];
}

/** A parameter somebody wrote that no template and no other generator names; `sets` counts the parameter sets that have it. */
export interface UnusedParameter {
  name: string;
  sets: number;
  /** Of the first of those sets. */
  source: ParameterSource;
}

/** An element, file or cluster of one child that no set of `against` goes with. */
export interface UnmatchedOverlay {
  source: ParameterSource;
  against: string;
}

export interface SetTrace {
  set: string;
  /** Sorted by name. */
  applications: TracedApplication[];
  /** Applications beyond the limit, which are not listed. */
  more: number;
  unused: UnusedParameter[];
  unmatched: UnmatchedOverlay[];
  /** What a lint of the set and its expansion say. */
  findings: string[];
}
