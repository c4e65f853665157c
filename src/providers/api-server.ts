import type { ClientMetadata } from "../protocol/client/registration.ts";
import type { AccountMembers } from "../protocol/identity/who-am-i.ts";
import type { Ladder, Spelling } from "../protocol/ladder/ladder.ts";
import type { ProtectedResource } from "../protocol/resource/resource.ts";

/**
 * Of a provider whose accounts live at many API servers (Matrix: homeservers). Each login is made for one of them: its
 * authorization server is found from its name, a client is registered there, and a device is named.
 */
export interface ApiServer {
  /** The option that names it: of the server or, where the server's option `open` allows the name, of the credential. */
  readonly option: string;
  readonly open: string;
  readonly ladder: Ladder | ProtectedResource;
  /** Asked for with every login and needed in its answer; `{device_id}` is the login's own. */
  readonly scopes: Readonly<Record<Spelling, readonly string[]>>;
  /** Registered where the server record has no client id (RFC 7591). */
  readonly client: ClientMetadata;
  /**
   * What is registered goes by what the authorization server lists, is tried in other forms where it is refused, and serves all
   * logins there; a Client ID Metadata Document goes before it (MCP-R1, MCP-R3). Which server that is may change with each login.
   */
  readonly adapts?: true;
  /** It is an MCP server: `/mcp/SERVER` passes on to exactly its URL (MCP-T1). */
  readonly gateway?: true;
  /** Whose a token is, and whether it still lives; without it the authorization server's word is all there is. */
  readonly account?: ApiAccountCall;
  /** Set where each login is a device of its own. */
  readonly device?: ApiDevice;
  readonly link?: ApiLink;
  readonly dialect?: ApiDialect;
}

/** The API's own word on whom an access token stands for. */
export interface ApiAccountCall extends AccountMembers {
  /** Below the base URL. */
  readonly path: string;
}

/**
 * How its API speaks with its own programs, so that they understand the broker's proxy too: they know nothing of OAuth's errors,
 * and act on the API's.
 */
export interface ApiDialect {
  /** Where its paths begin, below its base URL. */
  readonly prefix: string;
  /** A segment of a path is data, so that it may hold a slash, encoded. */
  readonly dataInPaths: boolean;
  /** Members of an error beside the broker's own. `ended`: with status 401, no token will be had any more without a new login. */
  readonly errors: Readonly<Record<"ended" | "absent" | "limited" | "unavailable", Readonly<Record<string, string>>>>;
}

interface ApiDevice {
  /** What an id is drawn from where nobody gave one, and how many characters of it. */
  readonly alphabet: string;
  readonly length: number;
  /** Account pages that are about the login's own device (MSC4191). */
  readonly actions: readonly string[];
}

/** What its authorization links say beyond OAuth's own parameters. */
interface ApiLink {
  /** `response_mode`, where the way back is https and where it is not. */
  readonly responseModes: { readonly https: string; readonly other: string };
  /** Prompts that only some servers know: asked for where the metadata list them. */
  readonly optionalPrompts: readonly string[];
  /** First character of an account's name → what `login_hint` has before it. */
  readonly hintPrefixes: Readonly<Record<string, string>>;
}
