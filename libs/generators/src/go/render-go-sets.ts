import type { ApplicationSet } from '@flotilla/contracts';
import { canonicalJson, digestBytes, isObject, messageOf } from '@flotilla/kernel';
import { compileGoJson, type GoJsonTemplate, type GoValue, type LeafReport, TemplateError } from '@flotilla/templating';
import { applicationDocuments, isStrictPath } from '../expand/application-template.js';
import { RenderTemplateError } from '../expand/expand.errors.js';
import { renderByInner } from '../expand/inner-order.js';
import { RefusedApplication, type Rendered, RenderedApplication } from '../expand/rendered.js';
import type { Filler } from '../generator/template-mode.js';
import { isEmpty, type ParamSet } from '../params/params.js';
import { goData, SharedGoData } from './go-data.js';
import { type GoMode, NO_VALUE } from './go-mode.js';
import { applyTemplatePatch } from './template-patch.js';

/** Writes the applications of one Go template, from parameters to canonical JSON. */
export class GoApplications {
  readonly #namespace: string | undefined;
  readonly #full: GoJsonTemplate;
  readonly #bare: unknown;
  readonly #patch: Filler | undefined;
  readonly #mode: GoMode;
  readonly #dataOf: (set: ParamSet) => GoValue;

  /** @throws RenderTemplateError for a text that cannot be read */
  constructor(template: unknown, set: ApplicationSet, mode: GoMode) {
    const { full, bare } = applicationDocuments(template, set);
    const shared = new SharedGoData();
    this.#mode = mode;
    this.#namespace = set.metadata.namespace;
    this.#bare = bare;
    this.#full = readable('spec.template', () => compileGoJson(full, { options: mode.options, isWatched: isStrictPath }));
    this.#dataOf = this.#full.mayChangeData ? goData : (one) => shared.of(one);
    const { templatePatch } = set.spec;
    this.#patch = templatePatch ? readable('spec.templatePatch', () => mode.filler(templatePatch)) : undefined;
  }

  /** @throws RenderTemplateError when a template fails: nobody could tell then which application is gone */
  render(sets: readonly ParamSet[]): Rendered[] {
    return renderByInner(sets, (set) => this.#renderOne(set));
  }

  write(set: ParamSet): string {
    return this.#isPlain(set) ? this.#run(set) : canonicalJson(this.#document(set));
  }

  #isPlain(set: ParamSet): boolean {
    return !this.#patch && !isEmpty(set);
  }

  #renderOne(set: ParamSet): Rendered {
    if (!this.#isPlain(set)) return this.#renderDocument(set);
    let name: unknown;
    const missing: string[] = [];
    const text = this.#run(set, (path, leaf) => {
      if (path === 'metadata.name') name = leaf;
      else if (leaf.includes(NO_VALUE)) missing.push(path);
    });
    return this.#rendered(set, readName(name, set), missing, text);
  }

  #renderDocument(set: ParamSet): Rendered {
    const document = this.#document(set);
    const name = readName(isObject(document.metadata) ? document.metadata.name : undefined, set);
    return this.#rendered(set, name, missingFields(document), canonicalJson(document));
  }

  #rendered(set: ParamSet, name: string, missing: readonly string[], text: string): Rendered {
    if (missing.length === 0) return new RenderedApplication(name, digestBytes(text), set, this);
    const message = `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} \`${NO_VALUE}\`: a parameter is not produced by ${originsOf(set)}`;
    return new RefusedApplication(name, set, 'unresolved', message, missing[0]);
  }

  /** An empty parameter set gets the template as it stands; the patch is applied all the same. */
  #document(set: ParamSet): Record<string, unknown> {
    const document = (isEmpty(set) ? this.#bare : JSON.parse(this.#run(set))) as Record<string, unknown>;
    if (!this.#patch) return document;
    const text = named('spec.templatePatch', set, () => this.#patch!.fill(set)) as string;
    const patched = named('spec.templatePatch', set, () => applyTemplatePatch(document, text, (values) => this.#mode.chargePatch(values)));
    const metadata = isObject(patched.metadata) ? patched.metadata : {};
    return { ...patched, metadata: { ...metadata, namespace: this.#namespace } };
  }

  #run(set: ParamSet, report?: LeafReport): string {
    return named('spec.template', set, () =>
      this.#mode.run(this.#dataOf(set), ({ data, budget }) => this.#full.render(data, budget, report)),
    );
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

function readable<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TemplateError) throw new RenderTemplateError(`${field}: ${error.message}`);
    throw error;
  }
}

function readName(name: unknown, set: ParamSet): string {
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
