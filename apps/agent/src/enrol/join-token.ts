import { InvalidInputError, isObject } from '@flotilla/kernel';

export interface JoinToken {
  /** `https://host:port` */
  hub: string;
  /** sha256 (hex) of the hub CA certificate in DER form. */
  ca: string;
  /** Signing key of the hub: raw ed25519, base64. */
  key: string;
  token: string;
  name?: string;
}

const PREFIX = 'flt1.';

/**
 * Reads `flt1.` + base64url JSON, as `flotilla cluster add` prints it.
 * @throws InvalidInputError, which never shows the token
 */
export function parseJoinToken(text: string): JoinToken {
  const refuse = (cause: string): never => {
    throw new InvalidInputError(`the join token is not usable: ${cause}; print a new one with \`flotilla cluster add\``);
  };
  if (!text.startsWith(PREFIX) || text.length > 8_192) return refuse(`it does not begin with ${PREFIX}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text.slice(PREFIX.length), 'base64url').toString('utf8'));
  } catch {
    return refuse('it is cut off or changed');
  }
  if (!isObject(value) || value.v !== 1) return refuse('its version is unknown to this agent');
  const { hub, ca, key, token, name } = value;
  if (typeof hub !== 'string' || !URL.canParse(hub) || new URL(hub).protocol !== 'https:') return refuse('its hub is no https URL');
  if (typeof ca !== 'string' || !/^[0-9a-f]{64}$/.test(ca)) return refuse('its CA is no sha256');
  if (typeof key !== 'string' || Buffer.from(key, 'base64').length !== 32) return refuse('its signing key is not 32 bytes');
  if (typeof token !== 'string' || token === '') return refuse('it has no secret');
  return { hub, ca, key, token, ...(typeof name === 'string' ? { name } : {}) };
}
