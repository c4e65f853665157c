import type { ClientMetadata } from "../protocol/client/registration.ts";
import type { AccountMembers } from "../protocol/identity/who-am-i.ts";
import type { Ladder, Spelling } from "../protocol/ladder/ladder.ts";

/**
 * Of a provider whose accounts live at many API servers (Matrix: homeservers). Each login is made for one of them: its
 * authorization server is found from its name, a client is registered there, and a device is named.
 */
export interface ApiServer {
  /** The option that names it: of the server or, where the server's option `open` allows the name, of the credential. */
  readonly option: string;
  readonly open: string;
  readonly ladder: Ladder;
  /** Asked for with every login and needed in its answer; `{device_id}` is the login's own. */
  readonly scopes: Readonly<Record<Spelling, readonly string[]>>;
  /** Registered where the server record has no client id (RFC 7591). */
  readonly client: ClientMetadata;
  readonly account: AccountCall;
  /** Account pages that are about the login's own device (MSC4191). */
  readonly deviceActions: readonly string[];
}

/** The API's own word on whom an access token stands for. */
interface AccountCall extends AccountMembers {
  /** Below the base URL. */
  readonly path: string;
}
