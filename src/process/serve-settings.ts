import { LIMITS } from "./limits.ts";
import type { SecretVariable } from "./secret-variables.ts";

/** How a value is written; in a variable or after a flag all are text. */
type Kind =
  /** A text. In a file `path` and `sockets` count from the file's folder. */
  | "text"
  | "path"
  /** Several texts; a variable has commas between them. */
  | "list"
  | "sockets"
  | "switch"
  /** A switch that is on by itself. */
  | "on-off"
  | "limits"
  | "seconds"
  /** In a configuration file its key with `_file` names the file that holds it. */
  | "secret";

/** One thing that `serve` can be told. */
export interface ServeSetting {
  /** As commander takes it: `--data <dir>`. */
  readonly flag?: string;
  readonly variable?: string;
  readonly kind: Kind;
  readonly text: string;
  /** Why a configuration file may not say it. */
  readonly notInFile?: string;
}

type Secret = ServeSetting & { readonly kind: "secret"; readonly variable: SecretVariable };

const secret = (row: Omit<Secret, "kind">): Secret => ({ kind: "secret", ...row });

const EACH_START = "it is said once, at the start that it is meant for: give the flag";

/**
 * Key in a configuration file → what `serve` can be told. From this table follow its flags and its help, which variables a file
 * fills, and the published schema; a flag goes before a variable, and that before the file.
 */
export const SERVE_SETTINGS = {
  config: {
    flag: "--config <file>",
    variable: "COATCHECK_CONFIG",
    kind: "path",
    text: "configuration in JSON: everything that flags and variables can say, and servers",
    notInFile: "a file cannot name another",
  },
  listen: {
    flag: "--listen <address>",
    variable: "COATCHECK_LISTEN",
    kind: "sockets",
    text: "HOST:PORT or unix:PATH, several times if wanted (default 127.0.0.1:8200)",
  },
  socket_mode: {
    flag: "--socket-mode <mode>",
    variable: "COATCHECK_SOCKET_MODE",
    kind: "text",
    text: "who may connect to its Unix sockets (default 0600: this user alone)",
  },
  socket_group: {
    flag: "--socket-group <group>",
    variable: "COATCHECK_SOCKET_GROUP",
    kind: "text",
    text: "group of its Unix sockets, by name or number",
  },
  tls_cert: {
    flag: "--tls-cert <file>",
    variable: "COATCHECK_TLS_CERT",
    kind: "path",
    text: "certificate chain in PEM: encrypt connections by address (with --tls-key)",
  },
  tls_key: {
    flag: "--tls-key <file>",
    variable: "COATCHECK_TLS_KEY",
    kind: "path",
    text: "key of the certificate in PEM",
  },
  tls_client_ca: {
    flag: "--tls-client-ca <file>",
    variable: "COATCHECK_TLS_CLIENT_CA",
    kind: "path",
    text: "authorities in PEM: only clients with a certificate of theirs",
  },
  metrics_listen: {
    flag: "--metrics-listen <address>",
    variable: "COATCHECK_METRICS_LISTEN",
    kind: "sockets",
    text: "answer health and metrics there, and metrics nowhere else",
  },
  metrics_token: secret({ variable: "COATCHECK_METRICS_TOKEN", text: "a token that reads metrics and nothing else" }),
  data: {
    flag: "--data <dir>",
    variable: "COATCHECK_DATA",
    kind: "path",
    text: "folder for the database, the key and the root token (default: the XDG state folder)",
  },
  database: secret({
    flag: "--database <url>",
    variable: "COATCHECK_DATABASE",
    text: "postgres://… for several instances; COATCHECK_DATABASE is safer for a password",
  }),
  key: secret({
    variable: "COATCHECK_KEY",
    text: "the key, or file:PATH (default: the file `key` of the data folder)",
  }),
  root_token: secret({
    variable: "COATCHECK_ROOT_TOKEN",
    text: "the root token of the API (default: the file `root-token` of the data folder)",
  }),
  public_url: {
    flag: "--public-url <url>",
    variable: "COATCHECK_PUBLIC_URL",
    kind: "text",
    text: "address at which browsers reach the broker (callback, pages)",
  },
  client_key: secret({ variable: "COATCHECK_CLIENT_KEY", text: "a private key: sign as a client of MCP servers" }),
  allow_networks: {
    flag: "--allow-networks <list>",
    variable: "COATCHECK_ALLOW_NETWORKS",
    kind: "list",
    text: "networks that are not public but may be called: loopback, private, 10.0.0.0/8 …",
  },
  ca_file: {
    flag: "--ca-file <path>",
    variable: "COATCHECK_CA_FILE",
    kind: "path",
    text: "certificates of authorities to trust as well, in PEM",
  },
  https_proxy: { variable: "HTTPS_PROXY", kind: "text", text: "the proxy that https requests leave by" },
  http_proxy: { variable: "HTTP_PROXY", kind: "text", text: "the proxy that http requests leave by" },
  no_proxy: {
    variable: "NO_PROXY",
    kind: "list",
    text: "what is called without a proxy: domains, addresses, networks, *",
  },
  proxy_resolves: {
    flag: "--proxy-resolves",
    variable: "COATCHECK_PROXY_RESOLVES",
    kind: "switch",
    text: "let the proxy of HTTPS_PROXY look up names, without the broker's check of addresses",
  },
  trusted_proxies: {
    flag: "--trusted-proxies <list>",
    variable: "COATCHECK_TRUSTED_PROXIES",
    kind: "list",
    text: "networks of reverse proxies whose X-Forwarded-For is trusted",
  },
  proxy_protocol: {
    flag: "--proxy-protocol",
    variable: "COATCHECK_PROXY_PROTOCOL",
    kind: "switch",
    text: "connections begin with a PROXY header, and come from --trusted-proxies alone",
  },
  allow_origins: {
    flag: "--allow-origins <list>",
    variable: "COATCHECK_ALLOW_ORIGINS",
    kind: "list",
    text: "web origins whose pages may use sessions",
  },
  allow_hosts: {
    flag: "--allow-hosts <list>",
    variable: "COATCHECK_ALLOW_HOSTS",
    kind: "list",
    text: "hosts that requests may name, besides this machine's and that of --public-url",
  },
  mounts: { flag: "--mounts <list>", variable: "COATCHECK_MOUNTS", kind: "list", text: "mounts beside oauth2" },
  limits: {
    flag: "--limits <list>",
    variable: "COATCHECK_LIMITS",
    kind: "limits",
    text: `what it takes on at once, NAME=NUMBER: ${limitsText()}`,
  },
  data_owner_check: {
    flag: "--data-owner-check <when>",
    variable: "COATCHECK_DATA_OWNER_CHECK",
    kind: "on-off",
    text: "off: use data that other users own or can change (container volumes)",
  },
  webhooks: {
    flag: "--webhooks <list>",
    variable: "COATCHECK_WEBHOOKS",
    kind: "list",
    text: "NAME=URL of endpoints that are told when a login needs a person, ends soon or was revoked",
  },
  webhook_secret: secret({
    variable: "COATCHECK_WEBHOOK_SECRET",
    text: "whsec_… that webhooks are signed with; NAME=whsec_… for one endpoint",
  }),
  environment: {
    variable: "COATCHECK_ENVIRONMENT",
    kind: "text",
    text: "a name; the broker does not refresh credentials whose data belong to another environment",
  },
  otel_exporter_otlp_endpoint: {
    variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
    kind: "text",
    text: "a collector of OpenTelemetry, which gets traces and metrics (default: none are sent)",
  },
  otel_traces_exporter: { variable: "OTEL_TRACES_EXPORTER", kind: "text", text: "otlp, or none: no traces are sent" },
  otel_metrics_exporter: {
    variable: "OTEL_METRICS_EXPORTER",
    kind: "text",
    text: "otlp, or none: no metrics are sent",
  },
  otel_sdk_disabled: { variable: "OTEL_SDK_DISABLED", kind: "switch", text: "send nothing by OpenTelemetry" },
  otel_service_name: { variable: "OTEL_SERVICE_NAME", kind: "text", text: "who sends (default coatcheck)" },
  otel_resource_attributes: {
    variable: "OTEL_RESOURCE_ATTRIBUTES",
    kind: "list",
    text: "NAME=VALUE that say more of who sends",
  },
  log_level: { variable: "COATCHECK_LOG_LEVEL", kind: "text", text: "info, warn, error or silent" },
  take_over: {
    flag: "--take-over",
    kind: "switch",
    text: "take over a restored copy: nobody else uses its credentials any more",
    notInFile: EACH_START,
  },
  idle: {
    flag: "--idle <seconds>",
    variable: "COATCHECK_IDLE",
    kind: "seconds",
    text: "stop after this long without requests",
  },
  loopback: {
    flag: "--loopback",
    variable: "COATCHECK_LOOPBACK",
    kind: "switch",
    text: "the broker of one person, on the machine of their browser: logins without a device grant come back to a port of it",
  },
  dev: {
    flag: "--dev",
    kind: "switch",
    text: "use temporary data, a fixed root token and a demo authorization server; allow loopback",
    notInFile: EACH_START,
  },
} as const satisfies Readonly<Record<string, ServeSetting>>;

export type SettingKey = keyof typeof SERVE_SETTINGS;

export const SETTING_ENTRIES = Object.entries(SERVE_SETTINGS) as readonly (readonly [SettingKey, ServeSetting])[];

/** Each with its default. */
function limitsText(): string {
  return Object.entries(LIMITS)
    .map(([name, [most, text]]) => `${name}=${most} (${text})`)
    .join(", ");
}
