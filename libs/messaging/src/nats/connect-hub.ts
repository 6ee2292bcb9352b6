import type { HubService } from '@flotilla/contracts';
import type { Logger } from '@flotilla/telemetry';
import { connectNats, type NatsAddress, type NatsLink } from './connect-nats.js';
import { serviceInbox } from './nats-permissions.js';
import type { NatsTrust } from './nats-trust.js';

/** A service's connections: into account HUB, and for those that speak with spokes a least-privileged one into SPOKES. */
export interface HubLinks {
  readonly service: HubService;
  readonly hub: NatsLink;
  readonly spokes?: NatsLink;
  readonly close: () => Promise<void>;
}

export interface ConnectHubOptions {
  service: HubService;
  address: NatsAddress;
  trust: NatsTrust;
  logger: Logger;
  /** Gives up waiting for a server that is not there yet. */
  signal?: AbortSignal;
}

export async function connectHub({ service, address, trust, logger, signal }: ConnectHubOptions): Promise<HubLinks> {
  const inboxPrefix = serviceInbox(service);
  const hub = await connectNats({ address, credential: trust.hubCredential(service), name: service, inboxPrefix, logger, signal });
  const credential = trust.spokesCredential(service);
  const spokes = credential && (await connectNats({ address, credential, name: `${service}-spokes`, inboxPrefix, logger, signal }));
  return {
    service,
    hub,
    spokes,
    close: async () => {
      await Promise.all([hub, spokes].map((link) => link?.connection.close()));
    },
  };
}
