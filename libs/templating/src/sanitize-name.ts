/**
 * Argo CD's SanitizeName (applicationset/utils/template_functions.go): lower case, anything but letters, digits, `-` and
 * `.` becomes `-`, cut at 253 characters, no `-` or `.` at either end.
 */
export function sanitizeName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^-a-z0-9.]/g, '-')
    .slice(0, 253)
    .replace(/^[-.]+|[-.]+$/g, '');
}
