export { createEdge } from './edge/edge.module.js';
export { type GatewayConfig, gatewayConfigSchema, readGatewayConfig } from './gateway.config.js';
export { GatewayModule, type GatewayProcess } from './gateway.module.js';
export { GatewayService } from './gateway-service.js';
