import { FlotillaError } from '@flotilla/kernel';

/** A template text cannot be read, or would grow beyond a limit; it never renders, whatever the parameters. */
export class TemplateError extends FlotillaError {
  readonly code = 'template-invalid';
}
