import type { AwsKeys, Role } from "./assume-role.ts";

/** What the agent is asked: one JSON object per connection, then its answer. Beside these it takes oidc-agent's requests. */
export type AgentRequest =
  /** Without a name: of the only login. */
  | { readonly request: "token"; readonly name?: string; readonly min_valid?: number; readonly id_token?: true }
  | { readonly request: "rejected"; readonly name: string; readonly token_sha256: string }
  | { readonly request: "aws"; readonly name: string; readonly role: Role }
  | { readonly request: "forget"; readonly name: string }
  | { readonly request: "process" }
  | { readonly request: "stop" };

/** As it is sent. */
export type SentRequest = AgentRequest & {
  /** COATCHECK_ADDR where it is asked: logins of other brokers do not count then. */
  readonly addr?: string;
};

export interface AgentToken {
  readonly name: string;
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number;
  readonly scopes?: readonly string[];
  readonly id_token?: string;
  readonly id_token_expires_in?: number;
}

export interface AgentAnswer {
  readonly status: "success" | "failure";
  readonly token?: AgentToken;
  readonly aws?: AwsKeys;
  /** Of the process that answers. */
  readonly pid?: number;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly exit: number;
    readonly next?: readonly string[];
  };
}
