export { parseYaml, parseYamlDocument, parseYamlDocuments, type YamlDocument } from './parse-yaml.js';
export { writeYaml, writeYamlDocuments } from './write-yaml.js';
export { readYamlLines, YamlLines } from './yaml-lines.js';
export type { YamlOptions } from './yaml-options.js';
