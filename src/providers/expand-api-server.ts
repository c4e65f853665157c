import type { AuthorizationServer } from "../protocol/client.ts";
import type { Spelling } from "../protocol/ladder/ladder.ts";
import type { ApiServer } from "./api-server.ts";

type Options = Readonly<Record<string, string>>;

/** The API server with the options of one server and one credential. */
export interface ExpandedApiServer extends ApiServer {
  /** The API server as it was named; empty when nobody has named one yet. */
  readonly name: string;
  /** The server record names it, so that its metadata can be pinned there. */
  readonly fixed: boolean;
  /** One client for all logins with the same metadata, instead of one for each. */
  readonly reuse: boolean;
  /** Members over those of `client`; null removes one. */
  readonly clientMetadata: Readonly<Record<string, unknown>>;
  readonly spelling?: Spelling;
  readonly deviceId?: string;
  /** The account the login must be of. */
  readonly accountId?: string;
  readonly loginHint?: string;
}

/** The options must have passed their checks. */
export function expandApiServer(apiServer: ApiServer, server: Options, credential: Options): ExpandedApiServer {
  const named = server[apiServer.option] ?? "";
  const { scope_form: form = "", client_metadata: metadata = "" } = server;
  const { device_id: deviceId = "", user_id: accountId = "", login_hint: loginHint = "" } = credential;
  return {
    ...apiServer,
    name: named === "" ? (credential[apiServer.option] ?? "") : named,
    fixed: named !== "",
    reuse: server.registration === "reuse",
    clientMetadata: metadata === "" ? {} : JSON.parse(metadata),
    ...((form === "stable" || form === "unstable") && { spelling: form }),
    ...(deviceId !== "" && { deviceId }),
    ...(accountId !== "" && { accountId }),
    ...(loginHint !== "" && { loginHint }),
  };
}

/**
 * The caller's parameters of an authorization link, with what the code flow of an API server wants besides (matrix.md MX-C1,
 * MX-C2); undefined where they ask for a prompt that the server does not offer.
 */
export function linkParameters(
  { loginHint }: ExpandedApiServer,
  { prompt_values_supported: prompts }: AuthorizationServer,
  redirectUri: string,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  if (given.prompt === "create" && !(Array.isArray(prompts) && prompts.includes("create"))) return undefined;
  const hint = loginHint?.startsWith("@") ? `mxid:${loginHint}` : loginHint;
  // Away from servers' logs and other pages' view; a loopback listener sees no fragment.
  const mode = redirectUri.startsWith("https:") ? "fragment" : "query";
  return { response_mode: mode, ...(hint !== undefined && { login_hint: hint }), ...given };
}
