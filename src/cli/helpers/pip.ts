import { complaint, credentialFor, type HelperAnswer, type HelperRequest } from "./protocol.ts";

/** The `keyring` command as pip and uv run it: `get URL USER`, whose answer is the password alone. */
export async function pip({ args, settings, tokens }: HelperRequest): Promise<HelperAnswer> {
  // An option may stand before; they ask for the address first, and then for its host alone.
  const [verb, address = ""] = args.filter((arg) => !arg.startsWith("-"));
  if (verb !== "get") return { err: "coatcheck: as keyring it supports only get\n", exit: 1 };
  const url = URL.parse(address);
  const name = credentialFor(settings, "pip", url?.host || address);
  if (name === undefined || url?.protocol === "http:") return { exit: 1 };
  try {
    return { out: `${(await tokens.current(name)).accessToken}\n` };
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}
