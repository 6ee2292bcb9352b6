const SANE = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Argo CD's SanitizeName (applicationset/utils/template_functions.go): lower case, anything but letters, digits, `-` and
 * `.` becomes `-`, cut at 253 characters, no `-` or `.` at either end.
 */
export function sanitizeName(name: string): string {
  if (SANE.test(name)) return name;
  return name
    .toLowerCase()
    .replace(/[^-a-z0-9.]/g, '-')
    .slice(0, 253)
    .replace(/^[-.]+|[-.]+$/g, '');
}
