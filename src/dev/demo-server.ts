/** A real OpenID provider to try the broker with, and to test it against. Owns the demo's clients and people. */
import type Provider from "oidc-provider";
import { type OpenIdProviderOptions, startOpenIdProvider } from "./openid-provider.ts";

export interface DemoServerOptions extends Pick<OpenIdProviderOptions, "port" | "ttl" | "person" | "now"> {
  readonly redirectUris?: readonly string[];
}

export interface DemoServer {
  readonly issuer: string;
  /** A public client for the device and the code flow. */
  readonly publicClientId: string;
  /** A confidential one, with its secret. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly provider: Provider;
  close(): Promise<void>;
}

const PUBLIC_CLIENT = "coatcheck-demo";
const CLIENT = "coatcheck-demo-confidential";
const CLIENT_SECRET = "demo-secret-that-protects-nothing";

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

export async function startDemoServer(options: DemoServerOptions = {}): Promise<DemoServer> {
  const redirectUris = options.redirectUris ?? ["http://127.0.0.1:8200/v1/oauth2/callback"];
  return {
    ...(await startOpenIdProvider({ ...options, clients: clients(redirectUris) })),
    publicClientId: PUBLIC_CLIENT,
    clientId: CLIENT,
    clientSecret: CLIENT_SECRET,
  };
}

function clients(redirectUris: readonly string[]) {
  const common = {
    redirect_uris: [...redirectUris],
    response_types: ["code" as const],
    grant_types: ["authorization_code", "refresh_token", DEVICE_CODE],
    application_type: "native" as const,
  };
  return [
    {
      ...common,
      client_id: PUBLIC_CLIENT,
      client_name: "Coatcheck (demo)",
      token_endpoint_auth_method: "none" as const,
    },
    {
      ...common,
      grant_types: [...common.grant_types, "client_credentials"],
      client_id: CLIENT,
      client_secret: CLIENT_SECRET,
      client_name: "Coatcheck (demo, confidential)",
      token_endpoint_auth_method: "client_secret_post" as const,
    },
  ];
}
