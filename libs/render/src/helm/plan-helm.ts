import type { ApplicationSource } from '@flotilla/contracts';
import { writeYaml } from '@flotilla/yaml';
import { SourceOptionError, SourcePathError } from '../render.errors.js';
import type { PlannedFile, ReadPlace, RenderContext, RenderPlan, RenderWarning } from '../render-plan.js';
import { quote } from '../source/join-path.js';
import type { SourceTree } from '../source/source-tree.js';
import { buildVariables, substituteVariables } from '../substitute-variables.js';
import { chartFiles } from './chart-files.js';
import { mentionsCapabilities, scanChart } from './scan-chart.js';
import { resolveFileParameter, resolveValueFiles } from './value-files.js';

/** Passed for a cluster that has not reported its version yet. */
export const ASSUMED_KUBERNETES_VERSION = '1.34.0';

/**
 * Plans `helm template` with Argo CD's precedence: value files in order, then `valuesObject` (or else `values`), then parameters and
 * file parameters. CRDs of the chart are included unless `skipCrds`.
 */
export async function planHelm(source: ApplicationSource, path: string, tree: SourceTree, context: RenderContext): Promise<RenderPlan> {
  const helm = source.helm ?? {};
  const chartYaml = path === '' ? 'Chart.yaml' : `${path}/Chart.yaml`;
  if (!tree.entries.has(chartYaml)) {
    throw new SourcePathError(`source.helm is set but ${quote(chartYaml)} does not exist; drop source.helm or name the chart's directory`, {
      path,
    });
  }
  const variables = buildVariables(source, context);
  const chart = await chartFiles(tree, path, 'chart');
  const scan = await scanChart(
    tree,
    path,
    chart.map(({ entry }) => entry),
  );
  const inputs = valueInputs(source, path, tree, context, variables);
  const values = helm.valuesObject !== undefined ? writeYaml(helm.valuesObject) : (helm.values ?? '');
  const capabilities = capabilityArguments(source, context);
  const dependsOnCluster = scan.mentionsCapabilities || mentionsCapabilities(values);
  return {
    type: 'Helm',
    path,
    files: [...chart, ...inputs.files],
    command: {
      tool: 'helm',
      cwd: 'chart',
      argv: [
        'template',
        releaseName(source, context),
        '.',
        `--namespace=${helm.namespace ?? context.destinationNamespace}`,
        helm.skipCrds ? '--skip-crds' : '--include-crds',
        ...(helm.skipTests ? ['--skip-tests'] : []),
        ...(helm.skipSchemaValidation ? ['--skip-schema-validation'] : []),
        ...inputs.argv,
        ...(dependsOnCluster ? capabilities : []),
      ],
    },
    keylessArgv: dependsOnCluster ? [] : capabilities,
    reads: [{ tree, path }, ...inputs.reads],
    warnings: warn(source, scan.lookups, dependsOnCluster, context),
  };
}

function valueInputs(
  source: ApplicationSource,
  path: string,
  tree: SourceTree,
  context: RenderContext,
  variables: ReadonlyMap<string, string>,
): { files: PlannedFile[]; argv: string[]; reads: ReadPlace[] } {
  const helm = source.helm ?? {};
  const files: PlannedFile[] = [];
  const argv: string[] = [];
  const valueFiles = resolveValueFiles(source, tree, path, context, variables);
  for (const { file } of valueFiles.files) {
    files.push(file);
    argv.push(`--values=../${file.to}`);
  }
  const text = helm.valuesObject !== undefined ? writeYaml(helm.valuesObject) : helm.values;
  if (text) {
    files.push({ to: 'inputs/values.yaml', text });
    argv.push('--values=../inputs/values.yaml');
  }
  for (const { name, value, forceString } of helm.parameters ?? []) {
    argv.push(`${forceString ? '--set-string' : '--set'}=${name}=${escapeParameter(substituteVariables(value ?? '', variables))}`);
  }
  for (const [i, { name, path: raw }] of (helm.fileParameters ?? []).entries()) {
    const { file } = resolveFileParameter(raw, i, tree, path, context, variables);
    files.push(file);
    argv.push(`--set-file=${name}=../${file.to}`);
  }
  return { files, argv, reads: valueFiles.looked };
}

/** Commas separate assignments in `--set`; Argo CD escapes those of a value unless it is a whole `{a,b}` list. */
function escapeParameter(value: string): string {
  return value.startsWith('{') && value.endsWith('}') ? value : value.replace(/([^\\]),/g, '$1\\,').replace(/^,/, '\\,');
}

function releaseName(source: ApplicationSource, context: RenderContext): string {
  const name = source.helm?.releaseName || context.name;
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > 53) {
    throw new SourceOptionError(
      `Helm release name ${quote(name)} must be at most 53 lower-case letters, digits, "-" and "."; set spec.source.helm.releaseName`,
      { field: 'source.helm.releaseName' },
    );
  }
  return name;
}

function capabilityArguments(source: ApplicationSource, context: RenderContext): string[] {
  const version = source.helm?.kubeVersion ?? context.kubernetesVersion ?? ASSUMED_KUBERNETES_VERSION;
  // Vendors append to it (v1.33.1-gke.200, +k3s1); without that, clusters of one version share their renders.
  const plain = /^v?(\d+\.\d+(?:\.\d+)?)/.exec(version)?.[1];
  if (!plain)
    throw new SourceOptionError(`${quote(version)} is no Kubernetes version; write for example 1.33.1`, {
      field: 'source.helm.kubeVersion',
    });
  const apis = [...(source.helm?.apiVersions ?? context.apiVersions ?? [])].sort();
  return [`--kube-version=${plain}`, ...apis.map((api) => `--api-versions=${api}`)];
}

function warn(source: ApplicationSource, lookups: readonly string[], dependsOnCluster: boolean, context: RenderContext): RenderWarning[] {
  const warnings: RenderWarning[] = [];
  if (lookups.length > 0) {
    warnings.push({
      type: 'LookupEmpty',
      message: `${lookups.join(', ')} calls lookup, which finds nothing here: the hub renders without the cluster`,
    });
  }
  if (dependsOnCluster && !source.helm?.kubeVersion && !context.kubernetesVersion) {
    warnings.push({
      type: 'CapabilitiesUnknown',
      message: `the chart depends on the Kubernetes version, which the cluster has not reported yet; rendered for ${ASSUMED_KUBERNETES_VERSION}`,
    });
  }
  if (source.helm?.version && source.helm.version !== 'v3') {
    warnings.push({
      type: 'OptionIgnored',
      message: `source.helm.version ${source.helm.version} is not at hand; the installed Helm is used`,
    });
  }
  return warnings;
}
