import { FlotillaError } from '@flotilla/kernel';

/** An expression cannot be read; it has no value, whatever the variables. `position` counts characters from 0. */
export class ExprError extends FlotillaError {
  readonly code: string = 'expr-invalid';

  constructor(message: string, position?: number) {
    super(position === undefined ? message : `${message} at character ${position + 1}`, position === undefined ? {} : { position });
  }
}

/** An expression that can be read failed with these variables: a member of nil, operands of the wrong type, a function's error. */
export class ExprFailedError extends ExprError {
  override readonly code = 'expr-failed';
}

/** An expression would take more steps, text or nesting than it is given. */
export class ExprLimitError extends ExprError {
  override readonly code = 'expr-limit';
}
