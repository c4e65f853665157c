import { usage } from "../frame/fail.ts";
import { parseParameters } from "../frame/parameters.ts";

/** What a login says of an MCP server that is not by the book, or wants a client of one's own (MCP-R1, MCP-L7). */
export interface ServerFlags {
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  /** Of homeservers as well. */
  readonly redirectUri?: string;
  readonly registration?: string;
  readonly clientMetadataUrl?: string;
  /** `--no-resource`: false. */
  readonly resource?: string | boolean;
  readonly authParam?: readonly string[];
  readonly useIdToken?: boolean;
  readonly allowHttp?: boolean;
  readonly newRegistration?: boolean;
}

/** Options of `login`, and what each is. */
export const SERVER_OPTIONS = [
  ["--client-id <id>", "MCP: a client that is registered there, instead of one of the broker's making"],
  ["--client-secret-file <path>", "MCP: the file with its secret; - for standard input"],
  ["--redirect-uri <uri>", "your own broker: where browsers come back to (default http://127.0.0.1:8214/callback)"],
  ["--registration <way>", "MCP: the only way to a client: static, cimd or dynamic"],
  ["--client-metadata-url <url>", "MCP: a Client ID Metadata Document to be used as client id"],
  ["--new-registration", "MCP: register a client anew, because the server forgot the one before"],
  ["--resource <uri>", "MCP: send this resource instead of the server's own"],
  ["--no-resource", "MCP: send no resource (some servers answer invalid_target to it)"],
  ["--use-id-token", "MCP: use the id_token as the access token"],
  ["--allow-http", "MCP: allow plain http to that host"],
] as const;

/** Of the server record: members beside `provider` and its URL. Undefined where nothing was said. */
export async function recordOf(flags: ServerFlags): Promise<ServerMembers | undefined> {
  const { clientId, clientSecretFile: file, redirectUri } = flags;
  if (file !== undefined && clientId === undefined) throw usage("--client-secret-file needs --client-id");
  const secret = file === undefined ? {} : await parseParameters([`client_secret=${file === "-" ? file : `@${file}`}`]);
  const client = { ...(clientId !== undefined && { client_id: clientId }), ...secret };
  const options = optionsOf(flags);
  const forMcp = Object.keys(client).length + Object.keys(options).length > 0;
  if (!forMcp && redirectUri === undefined) return undefined;
  return { client: { ...client, ...(redirectUri !== undefined && { redirect_uri: redirectUri }) }, options, forMcp };
}

export interface ServerMembers {
  readonly client: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, string>>;
  /** Some of it means nothing to any other server. */
  readonly forMcp: boolean;
}

function optionsOf(flags: ServerFlags): Readonly<Record<string, string>> {
  const { registration, clientMetadataUrl, resource, authParam = [], useIdToken, allowHttp } = flags;
  return {
    ...(registration !== undefined && { registration }),
    ...(clientMetadataUrl !== undefined && { client_metadata_url: clientMetadataUrl }),
    ...(typeof resource === "string" && { resource }),
    ...(resource === false && { no_resource: "true" }),
    ...(authParam.length > 0 && { auth_params: JSON.stringify(Object.fromEntries(authParam.map(pair))) }),
    ...(useIdToken && { use_id_token: "true" }),
    ...(allowHttp && { allow_http: "true" }),
  };
}

/** Only the first `=` splits. */
function pair(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`"${text}" is not a parameter: give --auth-param key=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
