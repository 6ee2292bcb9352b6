export { type BrokerConfig, brokerConfigSchema, readBrokerConfig } from './broker.config.js';
export { BrokerModule, type BrokerService, startBroker } from './broker.module.js';
export { type Broker, type BrokerPorts, type BrokerUses, createBroker } from './create-broker.js';
export { brokerRoutes } from './routes.js';
