import { cliPage } from './cli-page.js';
import { configurationPage } from './configuration-page.js';
import { generatorsPage } from './generators-page.js';
import { grpcPage } from './grpc-page.js';
import type { Page } from './markdown.js';
import { restPage } from './rest-page.js';
import { subjectsPage } from './subjects-page.js';

/** The generated reference, page by page; `tools/reference.mjs` writes it to docs/reference. */
export function referencePages(): Page[] {
  return [cliPage(), restPage(), grpcPage(), subjectsPage(), configurationPage(), generatorsPage()];
}
