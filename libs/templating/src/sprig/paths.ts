import { posix } from 'node:path';
import { defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { GoFunction, GoValue } from '../values/go-value.js';

const onText = (body: (text: string) => GoValue): GoFunction => defineFunction(['string'], (_, text) => body(text));

/** Go's path.Clean: no `.`, no `a/..`, no slash at the end. */
function clean(path: string): string {
  const normal = posix.normalize(path === '' ? '.' : path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function base(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

const dir = (path: string): string => clean(path.slice(0, path.lastIndexOf('/') + 1));

function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
}

/** Paths have slashes, also those of the operating system's own functions. */
export const pathFunctions: FunctionTable = {
  base: onText(base),
  dir: onText(dir),
  clean: onText(clean),
  ext: onText(extension),
  isAbs: onText((path) => path.startsWith('/')),
  osBase: onText(base),
  osDir: onText(dir),
  osClean: onText(clean),
  osExt: onText(extension),
  osIsAbs: onText((path) => path.startsWith('/')),
};
