/** Limits of one parse; each is counted while reading, before a value exists that could be serialised. */
export interface YamlOptions {
  /** Named in errors. */
  file?: string;
  /** Characters of input (default 50 Mi). */
  maxLength?: number;
  /** Documents in one stream (default 20,000). */
  maxDocuments?: number;
  /** Nesting, aliases expanded (default 100). */
  maxDepth?: number;
  /** Values and keys over all documents, aliases and merges expanded (default 2,000,000). */
  maxNodes?: number;
}

export type YamlLimits = Required<Omit<YamlOptions, 'file'>>;

export const DEFAULT_YAML_LIMITS: YamlLimits = {
  maxLength: 50 * 1024 * 1024,
  maxDocuments: 20_000,
  maxDepth: 100,
  maxNodes: 2_000_000,
};
