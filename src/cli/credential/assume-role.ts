import { CliError } from "../fail.ts";

export interface AwsKeys {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: string;
}

/** Milliseconds: the tools that wait for us are not patient. */
const TIMEOUT_MS = 8_000;

/** AssumeRoleWithWebIdentity. What STS says of a refusal is shortened to its code: tools log what we print. */
export async function assumeRole(endpoint: string, role: string, session: string, token: string): Promise<AwsKeys> {
  const call = globalThis.fetch;
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: session.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, 64),
    WebIdentityToken: token,
  });
  const headers = { accept: "application/json" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await call(endpoint, { method: "POST", body, headers, signal, redirect: "error" }).catch(() => {
    throw new CliError("unreachable", "AWS STS cannot be reached");
  });
  const text = await response.text();
  if (!response.ok) {
    const code = /"Code"\s*:\s*"(\w+)"|<Code>(\w+)<\/Code>/.exec(text);
    throw new CliError("refused", `AWS STS refused: ${code?.[1] ?? code?.[2] ?? `status ${response.status}`}`);
  }
  return keysOf(text);
}

/** Times are epoch seconds in its JSON, and RFC 3339 for the tools. */
function keysOf(text: string): AwsKeys {
  const { Credentials } = JSON.parse(text).AssumeRoleWithWebIdentityResponse.AssumeRoleWithWebIdentityResult;
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials;
  const expiration = typeof Expiration === "number" ? new Date(Expiration * 1_000) : new Date(Expiration);
  return { AccessKeyId, SecretAccessKey, SessionToken, Expiration: expiration.toISOString().replace(/\.\d{3}Z$/, "Z") };
}
