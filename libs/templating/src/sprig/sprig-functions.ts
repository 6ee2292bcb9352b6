import type { FunctionTable } from '../execute/define-function.js';
import { cryptoFunctions } from './crypto/crypto.js';
import { encodingFunctions } from './crypto/encoding.js';
import { randomFunctions } from './crypto/random.js';
import { dateFunctions } from './dates.js';
import { defaultFunctions } from './defaults.js';
import { dictFunctions } from './dicts.js';
import { listFunctions } from './lists.js';
import { numberFunctions } from './numbers.js';
import { pathFunctions } from './paths.js';
import { regexFunctions } from './regex.js';
import { serialiseFunctions } from './serialise.js';
import { slugFunctions } from './slug.js';
import { stringFunctions } from './text/strings.js';
import { wordFunctions } from './text/words.js';
import { urlFunctions } from './urls.js';
import { versionFunctions } from './version-constraint.js';

/**
 * The functions of Masterminds/sprig 3.3 that Argo CD allows (all but env, expandenv and getHostByName), and its own
 * normalize, slugify, toYaml, fromYaml and fromYamlArray.
 */
export const sprigFunctions: FunctionTable = {
  ...stringFunctions,
  ...wordFunctions,
  ...numberFunctions,
  ...listFunctions,
  ...dictFunctions,
  ...defaultFunctions,
  ...serialiseFunctions,
  ...encodingFunctions,
  ...cryptoFunctions,
  ...randomFunctions,
  ...dateFunctions,
  ...versionFunctions,
  ...regexFunctions,
  ...pathFunctions,
  ...urlFunctions,
  ...slugFunctions,
};
