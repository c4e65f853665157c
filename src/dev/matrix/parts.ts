import type { Quirk } from "../../api/walk.ts";
import type { Clients } from "./clients.ts";
import type { CodeFlow } from "./code-flow.ts";
import type { DeviceCodes } from "./device-codes.ts";
import type { Profile } from "./profile.ts";
import type { Switches } from "./quirks.ts";
import type { Sessions } from "./sessions.ts";

export interface QuirkServerOptions {
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Switched off by the operator. */
  readonly deviceGrant?: boolean;
  /** Registration asks for it as Bearer. */
  readonly initialAccessToken?: string;
  /** Switched on from the start. */
  readonly quirks?: readonly Quirk[];
}

/** What a test or a person at the simulator changes while the server runs. */
export interface Situation {
  /** Who allows code flows. */
  person: string;
  /** The homeserver does not answer its authorization server. */
  homeserverDown: boolean;
  accountLocked: boolean;
}

/** One server's parts, as its routes need them. */
export interface Parts {
  readonly profile: Profile;
  readonly switches: Switches;
  readonly options: QuirkServerOptions;
  readonly clients: Clients;
  readonly codeFlow: CodeFlow;
  readonly deviceCodes: DeviceCodes;
  readonly sessions: Sessions;
  readonly situation: Situation;
  readonly place: { readonly baseUrl: string; readonly issuer: string; readonly serverName: string };
}
