/** A pattern that RE2 would refuse too; worded like Go's. */
export class PatternError extends Error {
  constructor(reason: string, part: string) {
    super(`error parsing regexp: ${reason}: \`${part}\``);
  }
}
