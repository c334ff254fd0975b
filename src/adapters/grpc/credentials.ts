import { type ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';

/** The one place that decides how agents and controllers prove who they are: not at all, the network is trusted. */
export const channelCredentials = (): ChannelCredentials => credentials.createInsecure();

export const serverCredentials = (): ServerCredentials => ServerCredentials.createInsecure();
