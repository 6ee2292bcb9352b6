export { sink } from '../../sinks/src/sink.js';
