import { type Static, Type } from "typebox";
import { optional, strings } from "./answer-field.ts";
import { bool, pairs, seconds, secretList, secretText, text } from "./field.ts";

const StringMap = Type.Record(Type.String(), Type.String());

/** oauthapp.md section 3: a write replaces the whole server. */
export const ServerParameters = Type.Object({
  client_id: text("Client identifier; not needed where the broker registers a client itself"),
  client_secret: secretText("Client secret, tried first"),
  client_secrets: secretList("Client secrets, in order; in a JSON list they may contain commas"),
  token_endpoint_auth_method: text(
    "none, client_secret_basic, client_secret_post, client_secret_jwt or private_key_jwt; empty = chosen by the provider",
  ),
  client_key: secretText("Private key for private_key_jwt: PKCS#8 PEM or JWK"),
  client_key_id: text("Key id (kid) of the assertions"),
  client_assertion_alg: text("JWS algorithm of the assertions; empty = chosen by the key"),
  client_assertion_aud: text("aud of the assertions: issuer, token_endpoint or a URI; empty = issuer, then the other"),
  initial_access_token: secretText("Bearer token for client registration, where the server wants one"),
  provider: text("Provider; required"),
  provider_options: pairs("Provider options", true),
  auth_url_params: pairs("Query parameters of every authorization URL"),
  default_expiry_seconds: seconds(
    "Lifetime of access tokens where the server never says it, if they can be refreshed; 0 = as the provider or the mount says",
    0,
  ),
  maximum_expiry_seconds: seconds("Maximum lifetime of every access token; 0 = no limit but the mount's", 0),
  allow_sessions: bool("Programs may start sessions without an operator's token", false),
  session_flow: text("page = sessions always use the broker's own page, never the provider's device grant"),
  redirect_uri: text(
    "Where browsers come back to a person's own broker, as registered at the provider: http://127.0.0.1:PORT/PATH, localhost or [::1] (port 0 = any that is free), or an https URL, which the person pastes; empty = http://127.0.0.1:8214/callback",
  ),
  proxy_apis: pairs(
    "Name → https base URL that /session/proxy/NAME/ forwards to; mcp = the MCP endpoint that /mcp/SERVER forwards to",
  ),
  allow_tools: text(
    "Tools of an MCP server that sessions may list and call: names with * and ?, separated by commas; empty = all",
  ),
  deny_tools: text("Tools that they may not, whatever is allowed"),
});
export type ServerParameters = Static<typeof ServerParameters>;

/** Never secrets or keys, nor their number. */
export const ServerData = Type.Object({
  client_id: Type.String(),
  auth_url_params: StringMap,
  provider: Type.String(),
  provider_version: Type.Integer(),
  provider_options: StringMap,
  token_endpoint_auth_method: Type.String({ description: "The method in use" }),
  auth_method_chosen: Type.Boolean({
    description: "The server's record or its provider names the method; if not, the other one of a secret may be tried",
  }),
  registered: Type.Boolean({ description: "The broker has registered the client itself, and keeps what it was given" }),
  secrets: Type.Array(Type.String(), {
    description: "Parameters with secrets that it was given: a write replaces them too, so it has to name them again",
  }),
  default_expiry_seconds: Type.Integer(),
  maximum_expiry_seconds: Type.Integer(),
  allow_sessions: Type.Boolean(),
  session_flow: Type.String(),
  redirect_uri: Type.String(),
  proxy_apis: StringMap,
  allow_tools: Type.String(),
  deny_tools: Type.String(),
  last_trouble: Type.Optional(
    Type.Object(
      {
        time: Type.String({ format: "date-time" }),
        text: Type.String(),
        answered_time: Type.Optional(
          Type.String({ format: "date-time", description: "When the server first answered again" }),
        ),
      },
      {
        description:
          "The last request of this instance that got no answer, since its start; or which endpoint of the server has moved",
      },
    ),
  ),
});
export type ServerData = Static<typeof ServerData>;

/** What a write would change. */
export const ServerPlanData = Type.Object({
  action: Type.Union([Type.Literal("create"), Type.Literal("change"), Type.Literal("same")]),
  changes: Type.Array(Type.String(), { description: "Fields that differ; of secrets only their names" }),
});
export type ServerPlanData = Static<typeof ServerPlanData>;

const Texts = Type.Record(Type.String(), Type.String());

const TriedExchange = Type.Object({
  method: Type.String(),
  url: Type.String(),
  headers: Type.Record(Type.String(), Type.String(), {
    description: "As the broker gave them; the connection adds its own (Host, User-Agent, Content-Length)",
  }),
  body: optional("What was sent"),
  answer: Type.Optional(
    Type.Object({
      status: Type.Integer(),
      headers: Texts,
      body: Type.String({ description: "At most 16,384 characters of it" }),
      is_cut: Type.Boolean({ description: "The body was longer" }),
    }),
  ),
  trouble: optional("Instead of an answer: why there is none"),
  milliseconds: Type.Integer(),
});

/** What came of each step of a connection. */
export const ServerTrialData = Type.Object({
  steps: Type.Array(
    Type.Object({
      step: Type.String({ description: "discovery, keys or client, in this order" }),
      verdict: Type.String({
        description:
          "good, bad, unclear (what came says nothing about it) or skipped (there was nothing to ask, or not yet)",
      }),
      text: Type.String({ description: "What was found, and what to do" }),
      exchanges: Type.Array(TriedExchange, { description: "Requests and answers; secrets in them are [masked]" }),
    }),
  ),
});
export type ServerTrialData = Static<typeof ServerTrialData>;

/** Who goes on without a server when it is deleted. */
export const ServerUsesData = Type.Object({
  credentials: Type.Integer({ description: "Credentials of it, which would not be refreshed any more" }),
  sessions: Type.Integer({ description: "Logins of programs, which would not be refreshed any more" }),
});
export type ServerUsesData = Static<typeof ServerUsesData>;

/** One option of a server of this provider. */
const ProviderOption = Type.Object({
  kind: Type.String({
    description:
      "url, text, choice, list, rotation, names, object, uris, parameters or link-parameters (docs/providers.md)",
  }),
  about: optional("What it is"),
  required: Type.Boolean(),
  unless: optional("Another option that makes it needless"),
  default: optional("What it is where nothing is said"),
  choices: Type.Optional(strings("Its possible values")),
});

export const ProviderData = Type.Object({
  docs: Type.String({ description: "The provider's own documentation" }),
  register: optional("Where an application is registered"),
  note: optional("What whoever sets it up has to know"),
  client_id: Type.Boolean({ description: "A server needs a client_id, unless the broker is to register a client" }),
  options: Type.Record(Type.String(), ProviderOption),
});
export type ProviderData = Static<typeof ProviderData>;
