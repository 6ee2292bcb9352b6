import { closestWord, InvalidInputError, isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument, readYamlLines, type YamlLines } from '@flotilla/yaml';
import type { NotificationFinding } from './notification-config.js';

/** Characters of one key. */
const MAX_TEXT = 256 * 1024;
const YAML_LIMITS = { maxLength: MAX_TEXT, maxDepth: 40, maxNodes: 20_000 };

/** Reads the text under one key and collects what is wrong with it. */
export class KeyReader {
  readonly key: string;
  readonly #text: string;
  readonly #findings: NotificationFinding[];
  #lines: YamlLines | undefined;

  constructor(key: string, text: string, findings: NotificationFinding[]) {
    this.key = key;
    this.#text = text;
    this.#findings = findings;
  }

  get text(): string {
    return this.#text;
  }

  /** The YAML value; undefined, with a finding, when it cannot be read. */
  yaml(): unknown {
    try {
      const value = parseYamlDocument(this.#text, YAML_LIMITS);
      this.#lines = readYamlLines(this.#text, YAML_LIMITS)[0];
      return value;
    } catch (error) {
      const line = error instanceof InvalidInputError ? error.details.line : undefined;
      const reason =
        error instanceof InvalidInputError && typeof error.details.reason === 'string' ? error.details.reason : messageOf(error);
      this.#push('error', typeof line === 'number' ? line : undefined, `is no YAML: ${reason}`);
      return undefined;
    }
  }

  error(message: string, path = ''): void {
    this.#push('error', this.#lines?.nearestLineOf(path), message);
  }

  warn(message: string, path = ''): void {
    this.#push('warning', this.#lines?.nearestLineOf(path), message);
  }

  /** A warning for each member of a map that nobody reads. */
  warnUnknown(value: unknown, known: readonly string[], path: string): void {
    if (!isObject(value)) return;
    for (const key of Object.keys(value).filter((one) => !known.includes(one))) {
      const meant = closestWord(key, known);
      this.warn(
        `${key} is left out: ${meant ? `did you mean ${meant}` : `known are ${known.join(', ')}`}`,
        path === '' ? key : `${path}.${key}`,
      );
    }
  }

  /** A list of names; undefined, with a finding, for anything else. */
  names(value: unknown, path: string, what: string): string[] | undefined {
    if (!Array.isArray(value)) {
      this.error(`${what} must be a list`, path);
      return undefined;
    }
    const names: string[] = [];
    for (const [i, name] of value.entries()) {
      if (typeof name === 'string' && name !== '') names.push(name);
      else if (typeof name === 'boolean') {
        this.error(`${what}: YAML reads this name as ${String(name)}; write it in quotes`, `${path === '' ? '' : `${path}.`}${i}`);
        return undefined;
      } else {
        this.error(`${what} must hold names`, `${path === '' ? '' : `${path}.`}${i}`);
        return undefined;
      }
    }
    return names;
  }

  #push(severity: NotificationFinding['severity'], line: number | undefined, message: string): void {
    this.#findings.push({ severity, key: this.key, ...(line === undefined ? {} : { line }), message });
  }
}
