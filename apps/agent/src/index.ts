export { AGENT_PROCESS } from '@flotilla/contracts';
export { type AgentConfig, agentConfig, agentConfigSchema, readAgentConfig } from './agent.config.js';
export { HubLink, type LinkListener, type LinkReply } from './link/hub.link.js';
export { jsonLog, type Log, silentLog } from './log.js';
export { type AgentPorts, type RunningAgent, startAgent } from './start-agent.js';
export type { Identity } from './state/agent-state.js';
