import type { AppProject, Cluster, ResourceDocument } from '@flotilla/contracts';

/** One thing wrong with a document. `message` does not repeat the field. */
export interface FieldError {
  /** Dotted path with indexes: `spec.sources[0].repoURL`; `''` for the whole document. */
  field: string;
  message: string;
  /** 1-based line of the input, where it is known. */
  line?: number;
}

/** What admission knows besides the document. What is left out is not checked. */
export interface AdmissionContext {
  /** `fieldValidation=Strict`: unknown fields are errors. */
  strict?: boolean;
  /** Namespace of the request; a document without one lands here, else in the control namespace with a warning. */
  namespace?: string;
  /** The writer is one of our services: reserved keys are its own. */
  byService?: boolean;
  /** The stored document this one replaces. */
  previous?: ResourceDocument;
  /** AppProjects by name; given, an Application is checked against its project's rules. */
  project?(name: string): AppProject | undefined;
  /** The inventory; given, destinations and cluster addresses are checked against it. */
  clusters?: readonly Cluster[];
  lineOf?(field: string): number | undefined;
}

/** Without `document` the writer gets 422 with every error; warnings are said either way. */
export interface Admission {
  document?: ResourceDocument;
  warnings: string[];
  errors: FieldError[];
}

/** What a rule adds to. */
export interface Findings {
  warn(message: string): void;
  error(field: string, message: string): void;
}

/** Checks one kind's document beyond its schema; may set defaults and drop what is not kept. */
export type KindRule = (document: ResourceDocument, findings: Findings, context: AdmissionContext) => void;

export const REQUIRED = 'is required';
