export { compileJson, escapeJson, type JsonTemplate, type LeafType, type TagUse } from './compile-json.js';
export { type CompiledText, compileText, fillText, MAX_TEMPLATE_TEXT, type Tag, tagsOf } from './compile-text.js';
export { compileFiller, type JsonFiller } from './fill-json.js';
export { sanitizeName } from './sanitize-name.js';
export { TemplateError } from './template.errors.js';
