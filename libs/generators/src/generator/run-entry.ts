import { codeOf, FlotillaError, messageOf } from '@flotilla/kernel';
import { matchesSelector, type Requirement } from '@flotilla/selector';
import { mergedParams, type ParamSet } from '../params/params.js';
import { selectorTexts } from '../params/structured-params.js';
import { type GeneratorContext, type GeneratorPorts, MAX_PARAM_SETS } from './generator.js';
import { GeneratorError, GeneratorForbiddenError, GeneratorInputError } from './generators.errors.js';
import { readEntry } from './read-entry.js';
import type { TemplateMode } from './template-mode.js';

/** What one generator of a top-level entry gave, with the template that overrides the set's own. */
export interface GeneratedSets {
  path: string;
  template?: unknown;
  sets: ParamSet[];
}

/**
 * Expands one top-level entry of `generators`; an entry with two generators runs both, one after the other.
 * @throws GeneratorError, GeneratorInputError: nothing is known about the set then
 */
export async function runEntry(
  entry: unknown,
  index: number,
  ports: GeneratorPorts,
  { warn, mode, unmatched, projectOf }: Pick<Run, 'warn' | 'mode' | 'unmatched'> & { projectOf?: ProjectOf },
): Promise<GeneratedSets[]> {
  const path = `generators[${index}]`;
  const read = readEntry(entry, path);
  for (const warning of read.warnings) warn(warning);
  const results: GeneratedSets[] = [];
  for (const use of read.uses) {
    const scoped = projectOf ? portsOfProject(ports, projectOf(use.template), use.path) : ports;
    const sets = select(await generate(use, { ports: scoped, warn, mode, unmatched, depth: 0 }), read.selector, mode);
    results.push({ path: use.path, sets, ...(use.template === undefined ? {} : { template: use.template }) });
  }
  return results;
}

/** The project that applications of a generator with this template have; undefined when a parameter names it. */
export type ProjectOf = (template: unknown) => string | undefined;

function portsOfProject(ports: GeneratorPorts, project: string | undefined, path: string): GeneratorPorts {
  if (!ports.ofProject) return ports;
  try {
    return ports.ofProject(project);
  } catch (error) {
    throw new GeneratorForbiddenError(path, messageOf(error), { cause: codeOf(error), ...(project === undefined ? {} : { project }) });
  }
}

interface Run {
  ports: GeneratorPorts;
  warn(message: string): void;
  unmatched?: GeneratorContext['unmatched'];
  mode: TemplateMode;
  depth: number;
  outer?: ParamSet;
}

async function generate(use: ReturnType<typeof readEntry>['uses'][number], run: Run): Promise<ParamSet[]> {
  const depth = run.depth + 1;
  try {
    const sets = await use.generator.generate(use.spec, {
      ports: run.ports,
      path: use.path,
      depth,
      warn: run.warn,
      unmatched: run.unmatched,
      mode: run.mode,
      ...(run.outer ? { outer: run.outer } : {}),
      expandChild: (entry, index, outer = run.outer) => runChild(entry, `${use.path}.generators[${index}]`, { ...run, depth, outer }),
    });
    if (sets.length > MAX_PARAM_SETS) throw new GeneratorError(use.path, `more than ${MAX_PARAM_SETS} parameter sets`);
    return sets;
  } catch (error) {
    if (error instanceof GeneratorError) throw error;
    const field = error instanceof FlotillaError ? error.details.field : undefined;
    throw new GeneratorInputError(use.path, messageOf(error), { cause: codeOf(error), ...(field === undefined ? {} : { field }) });
  }
}

async function runChild(entry: unknown, path: string, run: Run): Promise<ParamSet[]> {
  const read = readEntry(entry, path);
  for (const warning of read.warnings) run.warn(warning);
  if (read.uses.length !== 1) {
    throw new GeneratorError(path, `an entry inside another generator names exactly one generator, and this one names ${read.uses.length}`);
  }
  const use = read.uses[0]!;
  if (use.template !== undefined)
    run.warn(`${use.path}.template counts for nothing inside another generator; move it to the outermost one`);
  return select(await generate(use, run), read.selector, run.mode);
}

/** A selector beside a generator works on the texts of its parameters; their names and values need not be valid labels. */
function select(sets: ParamSet[], requirements: readonly Requirement[], mode: TemplateMode): ParamSet[] {
  if (requirements.length === 0) return sets;
  return sets.filter((set) => {
    if (mode.isGo) return matchesSelector(requirements, selectorTexts(set));
    const texts = Object.entries(mergedParams(set)).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return matchesSelector(requirements, Object.fromEntries(texts));
  });
}
