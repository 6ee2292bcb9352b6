export { again, done, type Outcome, stalled } from './outcome.js';
