// A real Kubernetes control plane for tests: KUBEBUILDER_ASSETS, else the cache, else built from the published Go modules.
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { goEnvironment, hasGo } from './packages.mjs';
import { CACHE, isExecutable, ROOT, run, say, settleDirectory, withScratch } from './system.mjs';

const VERSION = 'v1.36.3';
const TARGET = join(CACHE, 'kube', `${VERSION}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`);
const PACKAGES = ['go.etcd.io/etcd/server/v3', 'k8s.io/kubernetes/cmd/kube-apiserver', 'k8s.io/kubernetes/cmd/kube-controller-manager'];
const BUILD_TIMEOUT_MS = 60 * 60_000;

/** The directory of etcd, kube-apiserver and kube-controller-manager, or undefined when none is at hand. */
export function findControlPlane() {
  return [process.env.KUBEBUILDER_ASSETS, TARGET].find(
    (dir) =>
      dir &&
      ['kube-apiserver', 'kube-controller-manager'].every((name) => isExecutable(join(dir, name))) &&
      ['etcd', 'server'].some((name) => isExecutable(join(dir, name))),
  );
}

/** Builds the control plane when it is missing; undefined when there is no Go toolchain to do it with. */
export async function ensureControlPlane() {
  const found = findControlPlane();
  if (found) return found;
  if (!hasGo()) return undefined;
  say(
    `Kubernetes ${VERSION}: building etcd, kube-apiserver and kube-controller-manager from the Go modules of test/kube/go.mod into ${TARGET} (about 4 minutes on two cores)`,
  );
  await withScratch((scratch) =>
    settleDirectory(TARGET, (dir) => {
      for (const file of ['go.mod', 'go.sum']) cpSync(join(ROOT, 'test', 'kube', file), join(scratch, file));
      mkdirSync(dir, { recursive: true });
      const [major, minor] = VERSION.slice(1).split('.');
      const set = (name, value) => `-X k8s.io/component-base/version.${name}=${value}`;
      const flags = ['-s -w', set('gitVersion', VERSION), set('gitMajor', major), set('gitMinor', minor)].join(' ');
      const environment = { ...goEnvironment(), GOFLAGS: '-modcacherw -mod=mod' };
      if (
        !run('go', ['build', '-trimpath', '-ldflags', flags, '-o', dir, ...PACKAGES], {
          cwd: scratch,
          env: environment,
          timeout: BUILD_TIMEOUT_MS,
        })
      ) {
        throw new Error('go build of the control plane failed; its output above says why');
      }
    }),
  );
  return existsSync(TARGET) ? TARGET : undefined;
}
