import { defineScalarTag, dump, mapTag, NOT_RESOLVED, Schema, seqTag, strTag } from 'js-yaml';
import { readPlainScalar } from './go-scalar.js';

/** Reads like the parser, so that the writer quotes each text which Go would take for something else. */
const implicit = defineScalarTag('tag:yaml.org,2002:go', {
  implicit: true,
  resolve: (text) => {
    const value = readOrText(text);
    return value === text ? NOT_RESOLVED : value;
  },
  identify: (value) => value === null || typeof value === 'boolean' || typeof value === 'number',
  represent: (value) => (value === null ? 'null' : String(value)),
  representTagName: () => 'tag:yaml.org,2002:go',
});

const merge = defineScalarTag('tag:yaml.org,2002:merge', {
  implicit: true,
  resolve: (text) => (text === '<<' || text === '=' ? null : NOT_RESOLVED),
  identify: () => false,
});

const GO_SCHEMA = new Schema([strTag, implicit, merge, seqTag, mapTag]);

/** A value as YAML text that Go, and this library, read back as the same value. Members that are undefined are left out. */
export function writeYaml(value: unknown): string {
  return dump(value, { schema: GO_SCHEMA, noRefs: true, lineWidth: -1, skipInvalid: true });
}

/** A stream of documents. */
export function writeYamlDocuments(values: readonly unknown[]): string {
  return values.map((value) => `---\n${writeYaml(value)}`).join('');
}

function readOrText(text: string): unknown {
  try {
    return readPlainScalar(text);
  } catch {
    // An integer beyond 2^53 is not a plain text either: quote it.
    return undefined;
  }
}
