import { VERSION } from "../../process/version.ts";
import { complaint, credentialFor, type HelperAnswer, type HelperRequest, sha256 } from "./protocol.ts";

/** docker compares this text, and looks for it on standard output. */
const NOT_FOUND: HelperAnswer = { out: "credentials not found in native keychain\n", exit: 1 };

/** A name that is none: registries look at the token alone. Not `<token>`, which would make it a refresh token to docker. */
const USER = "oauth2accesstoken";

/** The credential helper protocol of docker: the address on standard input, JSON on standard output. */
export async function docker(asked: HelperRequest): Promise<HelperAnswer> {
  switch (asked.args[0]) {
    case "get":
      return get(asked, (await asked.input()).trim());
    case "store":
      await asked.input();
      return { err: "coatcheck: nothing was stored: tokens come from the broker\n" };
    case "erase":
      return erase(asked, (await asked.input()).trim());
    case "list":
      return { out: `${JSON.stringify(listed(asked))}\n` };
    case "version":
      return { out: `docker-credential-coatcheck (coatcheck) ${VERSION}\n` };
    default:
      return { err: "coatcheck: docker helpers support get, store, erase, list and version\n", exit: 1 };
  }
}

async function get(asked: HelperRequest, address: string): Promise<HelperAnswer> {
  const name = ours(asked, address);
  if (name === undefined) return NOT_FOUND;
  try {
    const { accessToken } = await asked.tokens.current(name);
    return { out: `${JSON.stringify({ ServerURL: address, Username: USER, Secret: accessToken })}\n` };
  } catch (error) {
    return { out: complaint(error), exit: 1 };
  }
}

/** docker does not say which token was refused: it is the one that is current. */
async function erase(asked: HelperRequest, address: string): Promise<HelperAnswer> {
  const name = ours(asked, address);
  if (name === undefined) return {};
  try {
    const { accessToken } = await asked.tokens.current(name);
    await asked.tokens.rejected(name, sha256(accessToken));
  } catch {
    // There is nothing to erase then.
  }
  return {};
}

function ours({ settings }: HelperRequest, address: string): string | undefined {
  return credentialFor(settings, "docker", address) ?? credentialFor(settings, "docker", hostOf(address));
}

function hostOf(address: string): string {
  return address
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
}

function listed({ settings }: HelperRequest): Record<string, string> {
  return Object.fromEntries(Object.keys(settings.credentials?.docker ?? {}).map((address) => [address, USER]));
}
