import { FlotillaError } from '@flotilla/kernel';

/** A template of the set cannot be rendered: nothing may be concluded about the set's applications. */
export class RenderTemplateError extends FlotillaError {
  readonly code: string = 'template-render';
}

/** The set asks for something this version does not do (goTemplate, templatePatch); nothing is changed. */
export class UnsupportedTemplateError extends RenderTemplateError {
  override readonly code = 'template-unsupported';
}
