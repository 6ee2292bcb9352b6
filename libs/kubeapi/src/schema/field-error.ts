/** Why a field was refused; the words of the real server's `details.causes[].reason`. */
export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueTypeInvalid'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany';

export interface FieldError {
  /** For example `spec.containers[0].image`. */
  field: string;
  reason: FieldErrorReason;
  /** The real server's words, for example `Unsupported value: "Often": supported values: "Always", "Never"`. */
  message: string;
}
