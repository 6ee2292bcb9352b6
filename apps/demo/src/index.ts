export { StoryProcess } from './child-process.js';
export { FleetView, isSettled } from './fleet-view.js';
export { GitRepository } from './git-repository.js';
export { HubProcess, STORY_SETTINGS, type StoryHub } from './hub-process.js';
export type { DemoDocument } from './manifests.js';
export { play, STEPS, type Summary } from './play.js';
export { until } from './until.js';
export { type SpokeCluster, World } from './world.js';
