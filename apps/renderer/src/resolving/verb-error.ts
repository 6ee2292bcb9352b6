import type { VerbError } from '@flotilla/contracts';
import type { FlotillaError } from '@flotilla/kernel';

export function toVerbError({ code, message, retry }: FlotillaError): VerbError {
  return { code, message, retry };
}
