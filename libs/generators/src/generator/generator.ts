import type { Requirement } from '@flotilla/selector';
import type { z } from 'zod';
import type { ParamSet, Params } from '../params/params.js';
import type { TemplateMode } from './template-mode.js';

/** A cluster as generators see it. */
export interface ClusterEntry {
  name: string;
  server: string;
  project?: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/** A file of a repository; `text` is its whole content. */
export interface RepositoryFile {
  path: string;
  text: string;
}

/**
 * What generators read. A port throws when it cannot know; it answers with an empty list only when there is nothing.
 * Within one expansion equal questions have equal answers: the caller pins revisions.
 */
export interface GeneratorPorts {
  clusters(): Promise<readonly ClusterEntry[]>;
  /** Every directory of a commit, the root left out, without a leading or trailing slash. */
  directories(repoURL: string, revision: string): Promise<readonly string[]>;
  /** Files that match any pattern and no `exclude`; git pathspecs, whose `*` crosses `/`. */
  files(repoURL: string, revision: string, patterns: readonly string[], exclude: readonly string[]): Promise<readonly RepositoryFile[]>;
  /**
   * How `files` reads patterns, so that a generator can refuse one by its field; `doublestar` is Argo CD's "new git file
   * globbing". Default `pathspec`.
   */
  fileGlobs?: FileGlobs;
  /** `clusters` answers with some of the inventory: nothing is said that only all of it could tell, and the local cluster is not added. */
  isPart?: true;
  /** Absent where no server can be asked. */
  hosts?: HostPorts;
  /** Absent where no decision resource can be read. */
  decisions?: DecisionPorts;
  /** What the set's project lets its generators see; absent: everything. */
  scope?: ProjectScope;
  /**
   * These ports as one project has them: its credentials, its scope. `undefined` stands for a project that a parameter names.
   * Throws when there is no such project, or the set may not use it; absent where no projects are known.
   */
  ofProject?(project: string | undefined): GeneratorPorts;
}

export type FileGlobs = 'pathspec' | 'doublestar';

/** What a project permits; each answer is the reason of a refusal, undefined when it permits. */
export interface ProjectScope {
  project: string;
  refuseCluster(cluster: Pick<ClusterEntry, 'name' | 'server' | 'project'>): string | undefined;
  /** @param aliases other addresses of the same repository; a pattern of the project means it by any of them */
  refuseRepository(repoURL: string, aliases?: readonly string[]): string | undefined;
}

/** Documents of the control namespace that decide over clusters. */
export interface DecisionPorts {
  /** `data` of a ConfigMap; throws when there is none of that name. */
  configMap(name: string): Promise<Readonly<Record<string, string>>>;
  /**
   * Documents of `plural` in `apiVersion`, by name or by labels, in name order, whole. Throws when such documents cannot be kept
   * here: that is not the same as none.
   */
  resources(kind: { apiVersion: string; plural: string }, by: DecisionChoice): Promise<readonly DecisionResource[]>;
}

export type DecisionChoice = { name: string } | { labels: readonly Requirement[] };

export interface DecisionResource {
  name: string;
  /** Its `status` as it stands; undefined when nobody has written one. */
  status?: unknown;
}

/** Servers that generators ask; each answer is whole, in a stable order, or an error. */
export interface HostPorts {
  /** One set of parameters per branch that the value of `scmProvider` selects, its tags filled. */
  repositories(spec: unknown): Promise<readonly Params[]>;
  /** One per pull request; `labels` only with goTemplate. */
  pullRequests(spec: unknown, options: { goTemplate: boolean }): Promise<readonly HostAnswer[]>;
  /** What the plugin that a ConfigMap describes answers to these parameters. */
  plugin(configMap: string, parameters: Readonly<Record<string, unknown>>): Promise<readonly Params[]>;
}

/** One set of parameters, and of which repository it tells, by every address that one is cloned from. */
export interface HostAnswer {
  params: Params;
  repositoryUrls: readonly string[];
}

/** A set of one child that no set of another child goes with; `against` is that child's path. */
export interface UnmatchedSet {
  set: ParamSet;
  against: string;
}

export interface GeneratorContext {
  ports: GeneratorPorts;
  /** `generators[0].clusters`, for errors, warnings and origins. */
  path: string;
  /** How many matrix and merge generators stand around this one. */
  depth: number;
  mode: TemplateMode;
  /** Parameters of the first child of the matrix around this generator; only Go templates of `values` see them. */
  outer?: ParamSet;
  warn(message: string): void;
  /** Told of a set that found no partner, where somebody asked for it. */
  unmatched?: ((finding: UnmatchedSet) => void) | undefined;
  /** Expands an entry of `generators` inside this one; its path is `<path>.generators[index]`. */
  expandChild(entry: unknown, index: number, outer?: ParamSet): Promise<ParamSet[]>;
}

/** A kind of generator: one file, one schema, one test; adding one touches only the registry. */
export interface Generator<Spec = unknown> {
  /** Its key in an entry of `generators`. */
  key: string;
  /** Fields of the key's value; `template` and `values` of every generator included where it has them. */
  schema: z.ZodType<Spec>;
  /** How many texts in the document make this generator read clusters or repositories, for triggers. */
  inputs(spec: Spec): GeneratorInputs;
  /**
   * How its parameter sets depend on the inventory, told by how those of its children do; without it, `whole` as soon as it or a
   * child reads clusters at all.
   */
  clusterUse?(spec: Spec, children: readonly ClusterUse[]): ClusterUse;
  /** Parameter sets in a stated, stable order. Throws GeneratorError; never answers "none" for "unknown". */
  generate(spec: Spec, context: GeneratorContext): Promise<ParamSet[]>;
}

/** `none`: not at all; `each`: its sets are those of every cluster alone, put together; `whole`: only all clusters together tell. */
export type ClusterUse = 'none' | 'each' | 'whole';

export interface GeneratorInputs {
  /** Selectors over clusters; one with tags selects by what an outer generator gives. */
  clusterSelectors: unknown[];
  /** Repositories read, by what the document says; text with tags stays as it is. */
  repositories: { repoURL: string; revision: string }[];
  children: unknown[];
  /** Documents that decide over clusters, by what the document says. */
  decisions?: DecisionInput[];
  /** After how many seconds it has to be asked again, as no event tells of news. */
  requeueSeconds: number[];
}

/** Which decisions a generator reads: the ConfigMap that tells their kind, and their name or a selector over their labels. */
export interface DecisionInput {
  configMapRef: string;
  name?: string | undefined;
  labelSelector?: unknown;
}

export const noInputs: GeneratorInputs = { clusterSelectors: [], repositories: [], children: [], requeueSeconds: [] };

/** Lets the registry hold generators of different specs; the schema has checked the spec before `generate` sees it. */
export function defineGenerator<Spec>(generator: Generator<Spec>): Generator {
  return generator as unknown as Generator;
}

/** Parameter sets of one set beyond this number are refused. */
export const MAX_PARAM_SETS = 500_000;
