import { parseRfc3339, rfc3339 } from "../../api/time.ts";
import { CoatcheckError } from "../../client/errors.ts";
import { wayTo } from "../connect/way-to.ts";
import { CliError } from "../frame/fail.ts";

/** Which role, asked for where and as what. */
export interface Role {
  readonly endpoint: string;
  readonly arn: string;
  readonly session: string;
}

export interface AwsKeys {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  /** RFC 3339. */
  readonly Expiration: string;
}

/** Milliseconds: the tools that wait for us are not patient. */
const TIMEOUT_MS = 8_000;

/** AssumeRoleWithWebIdentity. What STS says of a refusal is shortened to its code: tools log what we print. */
export async function assumeRole({ endpoint, arn, session }: Role, idToken: string): Promise<AwsKeys> {
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: arn,
    RoleSessionName: session.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, 64),
    WebIdentityToken: idToken,
  });
  const headers = { accept: "application/json" };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const unreachable = (error: unknown) => {
    // A proxy is named; of anything else the tools get one sentence.
    throw new CliError("unreachable", error instanceof CoatcheckError ? error.message : "AWS STS cannot be reached");
  };
  const ask = (await wayTo(new URL(endpoint), "AWS STS")) ?? fetch;
  const response = await ask(endpoint, { method: "POST", body, headers, signal, redirect: "error" }).catch(unreachable);
  const text = await response.text().catch(unreachable);
  if (!response.ok) {
    const code = /"Code"\s*:\s*"(\w+)"|<Code>(\w+)<\/Code>/.exec(text);
    throw new CliError(
      "refused",
      `AWS STS refused the request: ${code?.[1] ?? code?.[2] ?? `status ${response.status}`}`,
    );
  }
  return keysOf(text);
}

/** Times are epoch seconds in its JSON, and RFC 3339 for the tools. */
function keysOf(text: string): AwsKeys {
  try {
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = text.trimStart().startsWith("<")
      ? fromXml(text)
      : JSON.parse(text).AssumeRoleWithWebIdentityResponse.AssumeRoleWithWebIdentityResult.Credentials;
    const expiration = typeof Expiration === "number" ? Expiration * 1_000 : parseRfc3339(Expiration);
    return { AccessKeyId, SecretAccessKey, SessionToken, Expiration: rfc3339(expiration ?? Number.NaN) };
  } catch {
    // The parser's own words would quote the keys.
    throw new CliError("unexpected_answer", "the answer of AWS STS could not be understood");
  }
}

/** The form of AWS's query protocol, which servers that are no AWS answer whatever is accepted. Throws what is not there. */
function fromXml(text: string): AwsKeys {
  const [, credentials = ""] = /<Credentials>(.*?)<\/Credentials>/s.exec(text) ?? [];
  const member = (name: keyof AwsKeys) => {
    // None of the four has a character that XML escapes.
    const [, value] = new RegExp(`<${name}>\\s*([^<>&\\s]+)\\s*</${name}>`).exec(credentials) ?? [];
    if (value === undefined) throw new Error(name);
    return value;
  };
  return {
    AccessKeyId: member("AccessKeyId"),
    SecretAccessKey: member("SecretAccessKey"),
    SessionToken: member("SessionToken"),
    Expiration: member("Expiration"),
  };
}
