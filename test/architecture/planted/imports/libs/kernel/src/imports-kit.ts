export { kit } from '../../http/src/kit.js';
