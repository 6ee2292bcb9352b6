export { kit } from '../../testkit/src/kit.js';
