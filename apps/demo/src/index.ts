export { play, STEPS, type Summary } from './play.js';
