/**
 * The client library: a program holds a session and asks for tokens; the broker does the rest. It owns waiting, caching and
 * what an error means to a program; not OAuth, that is the broker's. No dependency; Node 20 and later, browsers, Deno, Bun.
 */
export { CoatcheckError, type ErrorCode, type FixedBy, type KnownCode } from "./errors.ts";
export { type LoginOptions, login, type Started, type StartOptions, start } from "./login.ts";
export {
  type Answer,
  type Operator,
  type OperatorOptions,
  operator,
  type Parameters,
  type Query,
  type Records,
  type SessionRange,
} from "./operator.ts";
export { type Prompt, promptOf } from "./prompt.ts";
export type { ReadyOptions } from "./ready.ts";
export { type LogoutOptions, resume, type Session, type SessionOptions } from "./session.ts";
export { type Renewal, type RenewOptions, StepUpError } from "./step-up.ts";
export type { RejectedToken, Token, TokenOptions } from "./tokens.ts";
export type { ConnectionOptions } from "./transport.ts";
export type {
  PromptData,
  RenewalData,
  SessionAccount,
  SessionData,
  SessionList,
  SessionParameters,
  SessionStarted,
  SessionStatus,
  SessionTokenData,
} from "./wire.ts";
