import type { GeneratorPorts, RepositoryFile } from '../generator/generator.js';

/** A file that an expansion read. */
export interface ReadFile extends RepositoryFile {
  repository: string;
  revision: string;
}

/** What an expansion read from repositories, by path; directories have no text. */
export interface ReadRepositories {
  filesAt(path: string): readonly ReadFile[];
  /** The repositories read at all, as pairs of URL and revision. */
  readonly places: readonly { repository: string; revision: string }[];
}

/** Ports that answer as the given ones do, and remember the files. */
export function recordPorts(ports: GeneratorPorts): { ports: GeneratorPorts; read: ReadRepositories } {
  const files = new Map<string, ReadFile[]>();
  const places = new Map<string, { repository: string; revision: string }>();
  const visit = (repository: string, revision: string) => places.set(JSON.stringify([repository, revision]), { repository, revision });
  const record = (given: GeneratorPorts): GeneratorPorts => ({
    ...given,
    directories: (repository, revision) => {
      visit(repository, revision);
      return given.directories(repository, revision);
    },
    files: async (repository, revision, patterns, exclude) => {
      visit(repository, revision);
      const found = await given.files(repository, revision, patterns, exclude);
      for (const file of found) remember(files, { ...file, repository, revision });
      return found;
    },
    ...(given.ofProject ? { ofProject: (project) => record(given.ofProject!(project)) } : {}),
  });
  return {
    ports: record(ports),
    read: {
      filesAt: (path) => files.get(path) ?? [],
      get places() {
        return [...places.values()];
      },
    },
  };
}

function remember(files: Map<string, ReadFile[]>, file: ReadFile): void {
  const known = files.get(file.path);
  if (!known) files.set(file.path, [file]);
  else if (!known.some(({ repository, revision }) => repository === file.repository && revision === file.revision)) known.push(file);
}
