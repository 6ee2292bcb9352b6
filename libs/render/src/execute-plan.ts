import type { RenderedObject } from '@flotilla/bundle';
import { parseObjects } from './parse-objects.js';
import { readManifests } from './plain/read-manifests.js';
import { RenderFailedError, RenderLimitError, ToolMissingError } from './render.errors.js';
import type { PlannedFile, RenderPlan, RenderWarning } from './render-plan.js';
import type { SourceTree, TreeEntry } from './source/source-tree.js';

/** How the run of a tool ended; `end` other than `exited` names the bound that stopped it. */
export interface ToolResult {
  end: 'exited' | 'wall' | 'output' | 'aborted' | 'missing';
  code: number | null;
  stdout: Uint8Array;
  stderr: string;
}

/** Writes the files into a fresh directory, runs the tool there in the sandbox, and removes the directory. */
export type RunTool = (
  tool: 'helm' | 'kustomize',
  argv: readonly string[],
  cwd: string,
  files: readonly PlannedFile[],
) => Promise<ToolResult>;

export interface Rendered {
  objects: RenderedObject[];
  /** What the tool said while it succeeded; the plan's own warnings stay in the plan. */
  warnings: RenderWarning[];
}

/** Characters of a tool's error that are kept in a message. */
const MAX_ERROR_TEXT = 4000;

/**
 * Carries out a plan.
 * @throws RenderFailedError with the tool's own words, RenderLimitError, ToolMissingError
 */
export async function executePlan(plan: RenderPlan, runTool: RunTool): Promise<Rendered> {
  if (!plan.command) {
    const entries = plan.files.flatMap((file) => ('entry' in file ? [file] : []));
    return { objects: await readAll(entries), warnings: [] };
  }
  const { tool, argv, cwd } = plan.command;
  const result = await runTool(tool, [...argv, ...(plan.keylessArgv ?? [])], cwd, plan.files);
  refuseBadEnd(plan, tool, result);
  const said = withSourcePaths(result.stderr.trim(), plan.files);
  if (result.code !== 0)
    throw new RenderFailedError(`${tool} could not render ${JSON.stringify(plan.path)}: ${cut(said)}`, { path: plan.path, tool });
  const warnings = said === '' ? [] : [{ type: 'ToolWarning' as const, message: `${tool}: ${cut(said)}` }];
  const origin = `${tool} output of ${plan.path || 'the repository'}`;
  return { objects: parseObjects(Buffer.from(result.stdout).toString(), origin), warnings };
}

async function readAll(files: readonly { tree: SourceTree; entry: TreeEntry }[]): Promise<Rendered['objects']> {
  const [first] = files;
  return first
    ? readManifests(
        first.tree,
        files.map(({ entry }) => entry),
      )
    : [];
}

function refuseBadEnd(plan: RenderPlan, tool: string, { end }: ToolResult): void {
  const details = { path: plan.path, tool, end };
  if (end === 'missing')
    throw new ToolMissingError(`${tool} is not installed on the hub; install it or set FLOTILLA_${tool.toUpperCase()}`, details);
  if (end === 'wall') throw new RenderLimitError(`${tool} took too long over ${JSON.stringify(plan.path)} and was stopped`, details);
  if (end === 'output') throw new RenderLimitError(`the output of ${tool} for ${JSON.stringify(plan.path)} is too large`, details);
  if (end === 'aborted') throw new ToolMissingError(`the render of ${JSON.stringify(plan.path)} was cancelled`, details);
}

/** The names files have in the repository instead of those in the render directory. */
function withSourcePaths(text: string, files: readonly PlannedFile[]): string {
  let shown = text;
  for (const file of files) {
    if (file.to.startsWith('inputs/'))
      shown = shown.replaceAll(`../${file.to}`, 'entry' in file ? file.entry.path : 'spec.source.helm.values');
  }
  return shown.replace(/\S*\/flotilla-render-[^/\s]+\/(chart|source)\/?/g, '');
}

function cut(text: string): string {
  return text.length > MAX_ERROR_TEXT ? `${text.slice(0, MAX_ERROR_TEXT)}…` : text;
}
