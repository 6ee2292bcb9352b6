export { AsciiTemplate, isAscii } from './ascii-template.js';
export { compileGoJson, type GoJsonReading, type GoJsonTemplate, type LeafReport } from './compile-go-json.js';
export { compileGoTemplate, type GoTemplate, type GoTemplateOptions, goFunctions } from './compile-go-template.js';
export {
  type BoundJsonTemplate,
  compileJson,
  compileJsonText,
  escapeJson,
  type JsonTemplate,
  type JsonWriter,
  type LeafType,
  type TagUse,
} from './compile-json.js';
export { type CompiledText, compileText, fillText, MAX_TEMPLATE_TEXT, type Tag, tagsOf } from './compile-text.js';
export { Budget, DEFAULT_LIMITS, type TemplateLimits } from './execute/budget.js';
export { CallError, defineFunction, type FunctionTable } from './execute/define-function.js';
export type { TemplateSources, Tools } from './execute/tools.js';
export { compileFiller, type JsonFiller } from './fill-json.js';
export { sanitizeName } from './sanitize-name.js';
export { sprigFunctions } from './sprig/sprig-functions.js';
export { TemplateError, TemplateFailedError, TemplateLimitError, type TemplatePlace } from './template.errors.js';
export type { TemplateValues } from './template-parts.js';
export { MAX_FILLED_TEXT } from './text-budget.js';
export { formatTime } from './time/format-time.js';
export { formatGoDuration, parseGoDuration } from './time/go-duration.js';
export { GoDuration, GoTime } from './time/go-time.js';
export { parseTime } from './time/parse-time.js';
export { civilTime, loadZone, UTC } from './time/zone.js';
export { stringList, stringMap, toGoValue } from './values/from-json.js';
export { GoFunction, GoInt, GoList, GoMap, GoStruct, type GoValue } from './values/go-value.js';
