export { type DeletionDecision, decideDeletions } from './decide-deletions.js';
export { controllerOf } from './merge-application.js';
export { type ApplicationPlan, ownedNames, type PlanInput, planApplications, type Refusal } from './plan-applications.js';
