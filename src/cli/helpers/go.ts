import { CliError } from "../frame/fail.ts";
import { complaint, credentialFor, type HelperAnswer, type HelperRequest, sha256 } from "./protocol.ts";

/**
 * GOAUTH (`go help goauth`): without an argument all prefixes; with the URL that was refused, and its answer on standard
 * input, a token for that one.
 */
export async function go(asked: HelperRequest): Promise<HelperAnswer> {
  const [refused] = asked.args;
  const table = asked.settings.credentials?.go ?? {};
  if (refused === undefined) return sets(asked, Object.entries(table));
  const host = URL.parse(refused)?.host ?? "";
  const name = credentialFor(asked.settings, "go", host);
  if (name === undefined) return {};
  // Go comes back after a 404 too, and each module that is not there has one: that says nothing against the token.
  const another = /^HTTP\/\S+ 401\b/.test(await asked.input());
  return sets(asked, [[host, name]], another);
}

/** URL lines, a blank line, header lines, a blank line: for each prefix. */
async function sets(
  asked: HelperRequest,
  entries: readonly (readonly [string, string])[],
  another = false,
): Promise<HelperAnswer> {
  let out = "";
  let err = "";
  for (const [host, name] of entries) {
    try {
      if (another) await asked.tokens.rejected(name, sha256((await asked.tokens.current(name)).accessToken));
      const { tokenType, accessToken } = await asked.tokens.current(name);
      out += `https://${host}/\n\nAuthorization: ${tokenType} ${accessToken}\n\n`;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      err += complaint(error);
    }
  }
  return { out, err, ...(out === "" && err !== "" && { exit: 1 }) };
}
