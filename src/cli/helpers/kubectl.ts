import { rfc3339 } from "../../api/time.ts";
import { complaint, type HelperAnswer, type HelperRequest } from "./protocol.ts";

/** kubectl keeps a token until this many seconds before its end. */
const EARLY_S = 60;

const VERSIONS = /^client\.authentication\.k8s\.io\/(v1|v1beta1)$/;

/** The exec plugin of client-go (client.authentication.k8s.io): one object on standard output. */
export async function kubectl({ args: [name], env, tokens }: HelperRequest): Promise<HelperAnswer> {
  if (name === undefined) return { err: "coatcheck: name the login: coatcheck credential kubectl NAME\n", exit: 2 };
  try {
    const { accessToken, expiresAt } = await tokens.current(name);
    const status = {
      token: accessToken,
      ...(expiresAt !== undefined && { expirationTimestamp: rfc3339((expiresAt - EARLY_S) * 1_000) }),
    };
    return {
      out: `${JSON.stringify({ apiVersion: askedVersion(env.KUBERNETES_EXEC_INFO), kind: "ExecCredential", status })}\n`,
    };
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}

/** The answer is in the version of the question. */
function askedVersion(info: string | undefined): string {
  try {
    const { apiVersion } = JSON.parse(info ?? "") as { readonly apiVersion?: unknown };
    if (typeof apiVersion === "string" && VERSIONS.test(apiVersion)) return apiVersion;
  } catch {
    // An older kubectl says nothing.
  }
  return "client.authentication.k8s.io/v1";
}
