import { FlotillaError } from '@flotilla/kernel';

/** Where a template went wrong; each field only where it is known. */
export interface TemplatePlace {
  /** The template's name: what the caller gave, or a `define`d one. */
  template?: string;
  /** 1-based. */
  line?: number;
  /** Bytes before the place on its line, 0-based, as Go counts them. */
  column?: number;
  /** The template function that failed. */
  function?: string;
}

/** A template text cannot be read; it never renders, whatever the parameters. */
export class TemplateError extends FlotillaError {
  readonly code: string = 'template-invalid';
  readonly place: TemplatePlace;

  constructor(message: string, details: Record<string, unknown> = {}, place: TemplatePlace = {}, cause?: unknown) {
    super(message, { ...place, ...details }, cause);
    this.place = place;
  }
}

/** A template that can be read failed with these parameters: a missing key, a value of the wrong type, a function's error. */
export class TemplateFailedError extends TemplateError {
  override readonly code = 'template-failed';
}

/** A template would take more steps, text or nesting than it is given. */
export class TemplateLimitError extends TemplateError {
  override readonly code = 'template-limit';
}
