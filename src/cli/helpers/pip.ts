import { parseArgs } from "node:util";
import { complaint, credentialFor, type HelperAnswer, type HelperRequest } from "./protocol.ts";

/** For an index that sees by the token alone who asks; `setup pip` shows it. */
const USER = "oauth2accesstoken";

/**
 * The `keyring` command as pip and uv run it. `get URL USER`: the password alone; with `--mode creds`, as they ask without a
 * user, the user and the password on lines of their own, or both in one object (`--output json`).
 */
export async function pip({ args, settings, tokens }: HelperRequest): Promise<HelperAnswer> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: {
      mode: { type: "string" },
      output: { type: "string" },
      "keyring-backend": { type: "string", short: "b" },
    },
  });
  const [verb, address = "", user = USER] = positionals;
  if (verb !== "get") return { err: "coatcheck: as keyring it supports only get\n", exit: 1 };
  // They ask for the address first, and then for its host alone.
  const url = URL.parse(address);
  const name = credentialFor(settings, "pip", url?.host || address.toLowerCase());
  if (name === undefined || (url?.host && url.protocol !== "https:")) return { exit: 1 };
  try {
    const password = (await tokens.current(name)).accessToken;
    const shown = values.mode === "creds" ? { username: user, password } : { password };
    return { out: values.output === "json" ? `${JSON.stringify(shown)}\n` : `${Object.values(shown).join("\n")}\n` };
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}
