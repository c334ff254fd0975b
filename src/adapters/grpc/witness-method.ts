import type { MethodDefinition } from '@grpc/grpc-js';
import { WitnessServiceService } from '../../gen/vippool/v1/witness.ts';
import { type Decoded, measured, said } from './decoded.ts';
import {
  type Answer,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  type Question,
} from './witness-message-codec.ts';

export type QuestionWords = Decoded<Question>;
export type AnswerWords = Decoded<Answer>;

/** The stream of WitnessService; a bad message is a value that the receiver counts and refuses. */
export const CONFIRM: MethodDefinition<QuestionWords, AnswerWords> = {
  ...WitnessServiceService.confirm,
  requestSerialize: (words) => encodeQuestion(said(words)),
  requestDeserialize: measured(decodeQuestion),
  responseSerialize: (words) => encodeAnswer(said(words)),
  responseDeserialize: decodeAnswer,
};
