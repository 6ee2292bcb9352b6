import { FlotillaError } from '@flotilla/kernel';

/** A template of the set cannot be rendered: nothing may be concluded about the set's applications. */
export class RenderTemplateError extends FlotillaError {
  readonly code: string = 'template-render';
}
