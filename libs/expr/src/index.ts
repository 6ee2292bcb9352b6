export { compileExpr, type Expr, type ExprOptions } from './compile-expr.js';
export type { ExprLimits } from './evaluate/budget.js';
export { ExprBudget } from './evaluate/budget.js';
export { ExprError, ExprFailedError, ExprLimitError } from './expr.errors.js';
export { fullNameByRepoUrl, repoNamespace, repoUrlToHttps } from './namespaces/repo-namespace.js';
export { stringsNamespace } from './namespaces/strings-namespace.js';
export { timeNamespace } from './namespaces/time-namespace.js';
export { ExprFunction, type Mapping } from './values.js';
