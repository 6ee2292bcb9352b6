import { BrokerModule, readBrokerConfig } from '@flotilla/broker';
import { ExpanderModule, readExpanderConfig } from '@flotilla/expander';
import { type GatewayConfig, GatewayModule, type GatewayProcess } from '@flotilla/gateway';
import { NotifierModule, readNotifierConfig } from '@flotilla/notifier';
import { OrchestratorModule, readOrchestratorConfig } from '@flotilla/orchestrator';
import type { Platform } from '@flotilla/platform';
import { RegistryModule, readRegistryConfig } from '@flotilla/registry';
import { RendererModule, readRendererConfig } from '@flotilla/renderer';
import { type DynamicModule, Module } from '@nestjs/common';

/** All services of the hub in one process; between them they speak NATS as separate processes do. */
@Module({})
export class HubModule {
  static register(
    platform: Platform,
    env: Readonly<Record<string, string>>,
    gateway: GatewayConfig,
    process: GatewayProcess,
  ): DynamicModule {
    return {
      module: HubModule,
      imports: [
        RegistryModule.register(platform, readRegistryConfig(env)),
        RendererModule.register(platform, readRendererConfig(env)),
        ExpanderModule.register(platform, readExpanderConfig(env)),
        OrchestratorModule.register(platform, readOrchestratorConfig(env)),
        BrokerModule.register(platform, readBrokerConfig(env)),
        NotifierModule.register(platform, readNotifierConfig(env)),
        GatewayModule.register(platform, gateway, process),
      ],
    };
  }
}
