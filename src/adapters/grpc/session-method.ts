import type { MethodDefinition } from '@grpc/grpc-js';
import type { AgentMessage, ControllerMessage } from '../../core/messages.ts';
import { AgentServiceService } from '../../gen/vippool/v1/agent.ts';
import { decodeAgentMessage, encodeAgentMessage } from './agent-message-codec.ts';
import { decodeControllerMessage, encodeControllerMessage } from './controller-message-codec.ts';
import { type Decoded, measured, said } from './decoded.ts';

/** A message as it is sent, or as the edge has judged it on arrival. */
export type AgentWords = Decoded<AgentMessage>;
export type ControllerWords = Decoded<ControllerMessage>;

/**
 * The stream of AgentService with validation as its (de)serializer. The generated one throws on bad bytes, and grpc
 * ends the whole stream for that; here a bad message is a value that the receiver counts and refuses.
 */
export const SESSION: MethodDefinition<AgentWords, ControllerWords> = {
  ...AgentServiceService.session,
  requestSerialize: (words) => encodeAgentMessage(said(words)),
  requestDeserialize: measured(decodeAgentMessage),
  responseSerialize: (words) => encodeControllerMessage(said(words)),
  responseDeserialize: decodeControllerMessage,
};
