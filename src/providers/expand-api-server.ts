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
