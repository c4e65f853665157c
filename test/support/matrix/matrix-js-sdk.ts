import { isValidAuthMetadata, OAuth2, type ValidatedAuthMetadata } from "matrix-js-sdk/lib/oauth/index.js";

export type { ValidatedAuthMetadata };

/** The SDK writes every request to the console otherwise. */
const silent = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  getChild: () => silent,
};

/** matrix.md section 5; the SDK adds the rest. */
const CLIENT = {
  client_name: "Coatcheck",
  client_uri: "https://coatcheck.example.com/",
  application_type: "native" as const,
  redirect_uris: ["http://127.0.0.1/callback", "http://[::1]/callback"] as [string, string],
};

/** Metadata of the newest rung, in the SDK's judgement. */
export async function sdkMetadata(baseUrl: string): Promise<ValidatedAuthMetadata> {
  const metadata: unknown = await (await fetch(`${baseUrl}/_matrix/client/v1/auth_metadata`)).json();
  if (!isValidAuthMetadata(metadata)) throw new Error(`not metadata: ${JSON.stringify(metadata)}`);
  return metadata;
}

/** A client of matrix-js-sdk that has registered itself. */
export async function sdkClient(
  metadata: ValidatedAuthMetadata,
  deviceId: string,
  redirectUri?: string,
): Promise<OAuth2> {
  const client = { ...CLIENT, ...(redirectUri !== undefined && { redirect_uris: [redirectUri] as [string] }) };
  const clientId = await OAuth2.registerClient(metadata, client, silent);
  return new OAuth2(metadata, { clientId, deviceId }, silent);
}
