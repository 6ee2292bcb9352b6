export { canonicalJson, MAX_JSON_DEPTH } from './canonical-json.js';
export { type Clock, ManualClock, systemClock } from './clock.js';
export { closestWord } from './closest-word.js';
export { type Digest, digestBytes, digestJson, isDigest } from './digest.js';
export { formatDuration, parseDuration } from './duration.js';
export {
  ConflictError,
  codeOf,
  FlotillaError,
  ForbiddenError,
  InvalidInputError,
  messageOf,
  NotFoundError,
  type Retry,
  UnavailableError,
} from './errors.js';
export { isSpokeId, newSpokeId, newToken, newUid, type RandomBytes, type SpokeId, systemRandom, type Uid } from './ids.js';
export { isObject, type Json, type JsonObject, jsonEqual } from './json.js';
export { type Limiter, limiter } from './limiter.js';
export { onStopSignal, type SignalSource } from './stop-signals.js';
