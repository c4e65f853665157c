import type { AuthorizationServer, Reach } from "../protocol/client.ts";
import type { Spelling } from "../protocol/ladder/ladder.ts";
import type { ResourceHints } from "../protocol/resource/resource.ts";
import type { ApiServer } from "./api-server.ts";
import { isListed, isLoopbackHost } from "./api-server-name.ts";

type Options = Readonly<Record<string, string>>;

/** The API server with the options of one server and one credential. */
export interface ExpandedApiServer extends ApiServer {
  /** The API server as it was named; empty when nobody has named one yet. */
  readonly name: string;
  /** The server record names it, so that its metadata can be pinned there. */
  readonly fixed: boolean;
  /** The server record names it, alone or in its list: by its name, not by a pattern. */
  readonly listed: boolean;
  /** One client for all logins with the same metadata, instead of one for each. */
  readonly reuse: boolean;
  /** Members over those of `client`; null removes one. */
  readonly clientMetadata: Readonly<Record<string, unknown>>;
  readonly spelling?: Spelling;
  readonly deviceId?: string;
  /** The account the login must be of. */
  readonly accountId?: string;
  readonly loginHint?: string;
  readonly hints: ResourceHints;
  /** MCP-L7: no `resource` is sent. */
  readonly noResource: boolean;
  /** The only way to a client (MCP-R1). */
  readonly clientBy?: "static" | "cimd" | "dynamic";
  /** Sessions are the client's own (RFC 6749 4.4): nobody signs in (MCP-G5). */
  readonly ofClient: boolean;
  /** Of a Client ID Metadata Document that is not the broker's own (MCP-R2). */
  readonly clientMetadataUrl?: string;
  /** What was registered before is not used again (MCP-R5). */
  readonly renewClient: boolean;
  /** What naming it allows (MCP-D9); not of one that only a pattern fits. */
  readonly reach?: Reach;
}

/** The options must have passed their checks. */
export function expandApiServer(apiServer: ApiServer, server: Options, credential: Options): ExpandedApiServer {
  const named = server[apiServer.option] ?? "";
  const { scope_form: form = "", client_metadata: metadata = "" } = server;
  const { device_id: deviceId = "", user_id: accountId = "", login_hint: loginHint = "" } = credential;
  const fixed = named !== "";
  const name = fixed ? named : (credential[apiServer.option] ?? "");
  const listed = fixed || isListed(apiServer.ladder, name, server[apiServer.open] ?? "");
  const reach = apiServer.adapts && listed ? reachOf(name, server.allow_http === "true") : undefined;
  return {
    ...apiServer,
    name,
    fixed,
    listed,
    ...(reach && { reach }),
    reuse: server.registration === "reuse" || apiServer.adapts === true,
    ...ofResource(server, credential),
    clientMetadata: metadata === "" ? {} : JSON.parse(metadata),
    ...((form === "stable" || form === "unstable") && { spelling: form }),
    ...(deviceId !== "" && { deviceId }),
    ...(accountId !== "" && { accountId }),
    ...(loginHint !== "" && { loginHint }),
  };
}

/** What is said of a protected resource; of a server it wins over what is said of a login. */
function ofResource(server: Options, credential: Options) {
  const { issuer = "", registration, client_metadata_url: url = "" } = server;
  const resource = server.resource || credential.resource || "";
  const clientBy = WAYS.find((way) => way === registration);
  return {
    hints: { ...(issuer !== "" && { issuer }), ...(resource !== "" && { resource }) },
    noResource: (server.no_resource || credential.no_resource) === "true",
    ofClient: server.grant === "client_credentials",
    renewClient: credential.new_registration === "true",
    ...(clientBy && { clientBy }),
    ...(url !== "" && { clientMetadataUrl: url }),
  };
}

function reachOf(url: string, http: boolean): Reach | undefined {
  const host =
    URL.parse(url.trim())
      ?.hostname.replace(/^\[(.*)\]$/, "$1")
      .replace(/\.$/, "") ?? "";
  return host === "" ? undefined : { host, loopback: isLoopbackHost(host), http };
}

const WAYS = ["static", "cimd", "dynamic"] as const;

/**
 * The caller's parameters of an authorization link, with what the code flow of an API server wants besides (matrix.md MX-C1,
 * MX-C2); undefined where they ask for a prompt that the server does not offer.
 */
export function linkParameters(
  { link, loginHint }: Pick<ExpandedApiServer, "link" | "loginHint">,
  { prompt_values_supported: offered }: AuthorizationServer,
  redirectUri: string,
  given: Options,
): Options | undefined {
  const { prompt = "" } = given;
  const isOffered = Array.isArray(offered) && offered.includes(prompt);
  if (link?.optionalPrompts.includes(prompt) && !isOffered) return undefined;
  const mode = redirectUri.startsWith("https:") ? link?.responseModes.https : link?.responseModes.other;
  const prefix = link?.hintPrefixes[loginHint?.at(0) ?? ""] ?? "";
  return {
    ...(mode !== undefined && { response_mode: mode }),
    ...(loginHint !== undefined && { login_hint: prefix + loginHint }),
    ...given,
  };
}
