import { isObject } from '@flotilla/kernel';
import { Budget, compileGoTemplate, type GoTemplate, type GoValue, TemplateLimitError } from '@flotilla/templating';
import type { Filler, TemplateMode } from '../generator/template-mode.js';
import type { ParamSet } from '../params/params.js';
import { goData } from './go-data.js';

/** Texts of one set kept compiled at most; more are compiled again. */
const MAX_COMPILED = 2_000;

/**
 * Steps that the templates of one expansion may take together, well below a second's worth, and how many more for each value filled:
 * a template of ordinary size takes some hundred. One template's own limit alone would let 100,000 bombs take hours.
 */
const MAX_STEPS = 10_000_000;
const STEPS_PER_FILL = 5_000;
/** A value takes that much longer to be read from YAML than a step to be taken. */
const STEPS_PER_PATCH_VALUE = 20;

/** What Go prints for a parameter that is not there. */
export const NO_VALUE = '<no value>';

/** A text in which Go text/template has something to do. */
export const isGoText = (text: string): boolean => text.includes('{{');

/** Go text/template with the functions Argo CD allows, which leaves out all that differ from one time to the next. */
export class GoMode implements TemplateMode {
  readonly isGo = true;
  readonly options: readonly string[];
  readonly #compiled = new Map<string, GoTemplate>();
  #stepsLeft = MAX_STEPS;

  /** @param options `spec.goTemplateOptions` */
  constructor(options: readonly string[] = []) {
    this.options = options;
  }

  /** @throws TemplateError for a text that cannot be read */
  compile(text: string): GoTemplate {
    let template = this.#compiled.get(text);
    if (!template) {
      template = compileGoTemplate(text, { options: this.options });
      if (this.#compiled.size < MAX_COMPILED) this.#compiled.set(text, template);
    }
    return template;
  }

  filler(value: unknown): Filler {
    const node = this.#read(value);
    if (node === undefined) return { hasTags: false, fill: () => value };
    return {
      hasTags: true,
      fill: (set: ParamSet) => this.run(goData(set), node),
    };
  }

  /** Runs templates within a budget of their own. @throws TemplateLimitError when those of this expansion took too many steps together */
  run<T>(data: GoValue, work: (run: Run) => T): T {
    const budget = new Budget();
    const value = work({ data, budget });
    this.#charge(budget.spent);
    return value;
  }

  /** Counts values of a patch that were read. @throws TemplateLimitError when the templates of this expansion took too many steps together */
  chargePatch(values: number): void {
    this.#charge(values * STEPS_PER_PATCH_VALUE);
  }

  #charge(steps: number): void {
    this.#stepsLeft += STEPS_PER_FILL - steps;
    if (this.#stepsLeft < 0) {
      throw new TemplateLimitError(`the templates of the set take more than ${MAX_STEPS} steps, and ${STEPS_PER_FILL} for each value`);
    }
  }

  /** Undefined for a value without templates. */
  #read(value: unknown): Node | undefined {
    if (typeof value === 'string') {
      if (!isGoText(value)) return undefined;
      const template = this.compile(value);
      return ({ data, budget }) => template.execute(data, budget);
    }
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#read(item) ?? (() => item));
      return value.some((item) => this.#read(item)) ? (run) => items.map((item) => item(run)) : undefined;
    }
    if (!isObject(value)) return undefined;
    const members = Object.entries(value).map(([key, member]) => ({
      key: this.#read(key),
      name: key,
      member: this.#read(member),
      value: member,
    }));
    if (!members.some(({ key, member }) => key || member)) return undefined;
    return (run) =>
      Object.fromEntries(members.map(({ key, name, member, value }) => [key ? String(key(run)) : name, member ? member(run) : value]));
  }
}

interface Run {
  data: GoValue;
  /** Shared by all texts of one value, so that many small bombs are one large one. */
  budget: Budget;
}

type Node = (run: Run) => unknown;
