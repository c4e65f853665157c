import { rfc3339 } from "../../api/time.ts";
import { complaint, credentialFor, type HelperAnswer, type HelperRequest } from "./protocol.ts";

/** The EngFlow credential helper protocol, which Bazel and its friends speak. */
export async function bazel(asked: HelperRequest): Promise<HelperAnswer> {
  if (asked.args[0] !== "get") return { err: "coatcheck: this helper supports only get\n", exit: 1 };
  const url = URL.parse(uriOf(await asked.input()) ?? "");
  if (!url) return { err: 'coatcheck: the request must be {"uri":"https://…"}\n', exit: 1 };
  const name = credentialFor(asked.settings, "bazel", url.host);
  if (name === undefined || url.protocol !== "https:") return { out: '{"headers":{}}\n' };
  try {
    const { accessToken, tokenType, expiresAt } = await asked.tokens.current(name);
    const expires = expiresAt === undefined ? {} : { expires: rfc3339(expiresAt * 1_000) };
    return { out: `${JSON.stringify({ headers: { Authorization: [`${tokenType} ${accessToken}`] }, ...expires })}\n` };
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}

function uriOf(text: string): string | undefined {
  try {
    const { uri } = JSON.parse(text) as { readonly uri?: unknown };
    return typeof uri === "string" ? uri : undefined;
  } catch {
    return undefined;
  }
}
