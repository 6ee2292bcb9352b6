export type { Requirement } from './requirement.js';
