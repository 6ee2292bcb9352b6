import { Budget, compileGoTemplate, TemplateError } from '@flotilla/templating';
import { SecretFault } from '../secret-fault.errors.js';

/** All templates of one Secret share it. */
const LIMITS = { maxSteps: 200_000, maxText: 4 * 1024 * 1024, maxOutput: 512 * 1024, maxDepth: 50 };

/** Fills texts with the values of a Secret, as ESO's template engine v2 does: sprig, a missing key is an error. */
export class TemplateFiller {
  readonly #values: unknown;
  readonly #budget = new Budget(LIMITS);

  constructor(values: Readonly<Record<string, Uint8Array>>) {
    this.#values = Object.fromEntries(Object.entries(values).map(([key, bytes]) => [key, Buffer.from(bytes).toString('utf8')]));
  }

  /**
   * @param field for messages
   * @throws SecretFault that names field and place; the template's own error may quote a value
   */
  fill(text: string, field: string): string {
    try {
      return compileGoTemplate(text, { name: field, options: ['missingkey=error'] }).execute(this.#values, this.#budget);
    } catch (error) {
      throw new SecretFault('TemplateFailed', `${field}: the template ${describe(error)}`);
    }
  }

  fillAll(texts: Readonly<Record<string, string>> | undefined, field: string): Record<string, string> {
    return Object.fromEntries(Object.entries(texts ?? {}).map(([key, text]) => [key, this.fill(text, `${field}.${key}`)]));
  }
}

function describe(error: unknown): string {
  if (!(error instanceof TemplateError)) return 'cannot be filled in';
  const { line, column, function: called } = error.place;
  const where = line === undefined ? '' : ` at line ${line}${column === undefined ? '' : `, column ${column}`}`;
  const what = error.code === 'template-limit' ? 'is too much work' : error.code === 'template-invalid' ? 'cannot be read' : 'fails';
  return `${what}${where}${called === undefined ? '' : ` in ${called}`}`;
}
