import { type Found, type FoundServer, type LeftBehind, textOf, textsOf } from "./found.ts";

type Data = Readonly<Record<string, unknown>>;

/** Name → data; empty where a read was refused. */
export type Reads = Readonly<Record<string, Data>>;

/** What the engine shows of itself: what reads answer, by name. */
export interface EngineContent {
  readonly mount: string;
  /** Reads of `servers/NAME`. */
  readonly servers: Reads;
  /** Reads of `creds/NAME`. */
  readonly creds: Reads;
  /** Reads of `self/NAME`. */
  readonly self: Reads;
  /** Name → its client's secret, given beside it: the engine shows none. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** A mount of the `oauthapp` engine of Vault or OpenBao (docs/spec/oauthapp.md 4 and 5): it shows neither client secrets nor refresh tokens. */
export function fromOauthapp(content: EngineContent): Found {
  return {
    servers: Object.entries(content.servers).flatMap(([name, data]) => serverOf(name, data, content.secrets[name])),
    logins: [],
    left: [
      ...Object.entries(content.creds).map(([name, data]) => leftLogin(content, name, data)),
      ...Object.entries(content.self).map(([name, data]) => leftSelf(content.mount, name, data)),
    ],
  };
}

function serverOf(name: string, data: Data, secret: string | undefined): FoundServer[] {
  const provider = textOf(data.provider);
  if (provider === undefined) return [];
  const clientId = textOf(data.client_id);
  const options = textsOf(data.provider_options);
  const params = textsOf(data.auth_url_params);
  const record = {
    provider,
    ...(clientId !== undefined && { client_id: clientId }),
    ...(secret !== undefined && { client_secret: secret }),
    ...(Object.keys(options).length > 0 && { provider_options: options }),
    ...(Object.keys(params).length > 0 && { auth_url_params: params }),
  };
  const note = `if its client has a secret, which the engine does not show, give it with --client-secret ${name}=@FILE`;
  return [{ name, record, ...(secret === undefined && { note }) }];
}

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

function leftLogin({ mount, servers }: EngineContent, name: string, data: Data): LeftBehind {
  const names = Object.keys(servers);
  const server = textOf(data.server) ?? (names.length === 1 ? names[0] : undefined) ?? "SERVER";
  return {
    what: `${mount}/creds/${name}`,
    why: "the engine shows no refresh token: a person signs in again",
    next: ["coatcheck", "write", `oauth2/creds/${name}`, `server=${server}`, `grant_type=${DEVICE}`],
  };
}

function leftSelf(mount: string, name: string, { server, scopes }: Data): LeftBehind {
  const wanted = Array.isArray(scopes) && scopes.length > 0 ? [`scopes=${scopes.join(",")}`] : [];
  return {
    what: `${mount}/self/${name}`,
    why: "it needs no login: once its server is here with its secret, one line makes it",
    next: ["coatcheck", "write", `oauth2/self/${name}`, `server=${textOf(server) ?? "SERVER"}`, ...wanted],
  };
}
