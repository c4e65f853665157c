import type { IncomingMessage } from "node:http";
import type { Message, Request, Trouble } from "../../../mcp/message.ts";
import type { PendingLogin } from "../../../mcp/sign-in-calls.ts";
import type { KeptSession } from "../../kept/sessions-file.ts";
import type { Position, Sink } from "./exchange.ts";

/** One line to the agent. */
export type Write = (line: string) => Promise<void>;

/** Whose login a request goes by. */
export interface Held {
  readonly name: string;
  readonly kept: KeptSession;
}

/** Why a person is needed. */
export interface SignInNeeded {
  /** A step-up: what the server wants beside what is granted. */
  readonly scopes?: readonly string[];
  readonly reason: string;
}

/** What came of a request, beside the messages. */
export type Outcome =
  | { readonly is: "done"; readonly answer: IncomingMessage; readonly position: Position }
  | { readonly is: "refused"; readonly status: number; readonly text: string; readonly body: Message | undefined }
  | { readonly is: "sign-in"; readonly needed: SignInNeeded }
  | { readonly is: "trouble"; readonly trouble: Trouble };

/** A request on its way: the message, and the text that is sent. */
export interface Sending {
  readonly request: Request;
  readonly text: string;
  readonly sink: Sink;
  readonly signal: AbortSignal;
  /** Told when the answer begins to come: a stream may never end. */
  readonly onAnswer?: () => void;
}

/** How a request ended for who sent it: with an answer that was passed on, or with something that others must see to. */
export type Ended =
  /** `other-era`: the server does not speak this one. `headers`: it wants others (-32020). */
  { readonly is: "answered" | "other-era" | "headers" } | Exclude<Outcome, { is: "done" | "refused" }>;

/** A login that this bridge began or joined. */
export interface LoginUnderWay {
  /** Absent: it was approved already. */
  readonly login?: PendingLogin;
  /** Resolves with the account, where the provider tells it; rejects with why it came to nothing. */
  readonly approved: Promise<string | undefined>;
}
