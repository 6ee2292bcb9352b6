import type { ApplicationSet } from '@flotilla/contracts';
import { canonicalJson, digestBytes, isObject, messageOf } from '@flotilla/kernel';
import { TemplateError } from '@flotilla/templating';
import { applicationDocuments, isStrictPath } from '../expand/application-template.js';
import { RenderTemplateError } from '../expand/expand.errors.js';
import { RefusedApplication, type Rendered, RenderedApplication } from '../expand/rendered.js';
import type { Filler } from '../generator/template-mode.js';
import { isEmpty, type ParamSet } from '../params/params.js';
import { type GoMode, NO_VALUE } from './go-mode.js';
import { applyTemplatePatch } from './template-patch.js';

/** Writes the applications of one Go template, from parameters to canonical JSON. */
export class GoApplications {
  readonly #namespace: string | undefined;
  readonly #full: Filler;
  readonly #bare: unknown;
  readonly #patch: Filler | undefined;
  readonly #mode: GoMode;

  /** @throws RenderTemplateError for a text that cannot be read */
  constructor(template: unknown, set: ApplicationSet, mode: GoMode) {
    const { full, bare } = applicationDocuments(template, set);
    this.#mode = mode;
    this.#namespace = set.metadata.namespace;
    this.#bare = bare;
    this.#full = readable('spec.template', () => mode.filler(full));
    const { templatePatch } = set.spec;
    this.#patch = templatePatch ? readable('spec.templatePatch', () => mode.filler(templatePatch)) : undefined;
  }

  /** @throws RenderTemplateError when a template fails: nobody could tell then which application is gone */
  render(sets: readonly ParamSet[]): Rendered[] {
    return sets.map((set) => this.#renderOne(set));
  }

  write(set: ParamSet): string {
    return canonicalJson(this.#document(set));
  }

  #renderOne(set: ParamSet): Rendered {
    const document = this.#document(set);
    const name = nameOf(document, set);
    const missing = missingFields(document);
    if (missing.length > 0) {
      const message = `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} \`${NO_VALUE}\`: a parameter is not produced by ${originsOf(set)}`;
      return new RefusedApplication(name, set, 'unresolved', message, missing[0]);
    }
    return new RenderedApplication(name, digestBytes(canonicalJson(document)), set, this);
  }

  /** An empty parameter set gets the template as it stands; the patch is applied all the same. */
  #document(set: ParamSet): Record<string, unknown> {
    const document = (isEmpty(set) ? this.#bare : this.#run('spec.template', this.#full, set)) as Record<string, unknown>;
    if (!this.#patch) return document;
    const text = this.#run('spec.templatePatch', this.#patch, set) as string;
    const patched = named('spec.templatePatch', set, () => applyTemplatePatch(document, text, (values) => this.#mode.chargePatch(values)));
    const metadata = isObject(patched.metadata) ? patched.metadata : {};
    return { ...patched, metadata: { ...metadata, namespace: this.#namespace } };
  }

  #run(field: string, filler: Filler, set: ParamSet): unknown {
    return named(field, set, () => filler.fill(set));
  }
}

/** An error of a template says of which field, and with whose parameters. */
function named<T>(field: string, set: ParamSet, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new RenderTemplateError(`${field}: ${messageOf(error)} (parameters of ${originsOf(set)})`, { origins: set.origins });
  }
}

function readable(field: string, read: () => Filler): Filler {
  try {
    return read();
  } catch (error) {
    if (error instanceof TemplateError) throw new RenderTemplateError(`${field}: ${error.message}`);
    throw error;
  }
}

function nameOf({ metadata }: Record<string, unknown>, set: ParamSet): string {
  const name = isObject(metadata) ? metadata.name : undefined;
  if (typeof name === 'string' && name !== '' && !name.includes(NO_VALUE)) return name;
  throw new RenderTemplateError(`metadata.name is ${JSON.stringify(name ?? '')} with the parameters of ${originsOf(set)}`, {
    origins: set.origins,
  });
}

/** Fields that decide what is deployed where, and print a parameter that is not there. */
function missingFields(document: unknown, path = ''): string[] {
  if (typeof document === 'string') return document.includes(NO_VALUE) && isStrictPath(path) ? [path] : [];
  if (Array.isArray(document)) return document.flatMap((item, i) => missingFields(item, `${path}[${i}]`));
  if (!isObject(document)) return [];
  return Object.entries(document).flatMap(([key, value]) => missingFields(value, path === '' ? key : `${path}.${key}`));
}

function originsOf({ origins }: ParamSet): string {
  const names = origins.map(
    ({ file, cluster, element, generator }) => file ?? cluster ?? (element === undefined ? generator : `${generator}.elements[${element}]`),
  );
  return [...new Set(names)].join(' and ');
}
