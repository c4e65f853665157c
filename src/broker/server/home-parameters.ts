import { invalid } from "../errors.ts";
import type { ResolvedServer } from "./resolve-server.ts";

type Parameters = Readonly<Record<string, string>>;

/** The caller's parameters of a link, with what the code flow of a home wants besides (matrix.md MX-C1, MX-C2). */
export function homeParameters(
  { provider: { home }, binding }: ResolvedServer,
  redirectUri: string,
  given: Parameters,
): Parameters {
  if (!home || !binding) return given;
  const { prompt_values_supported: prompts } = binding.metadata;
  if (given.prompt === "create" && !(Array.isArray(prompts) && prompts.includes("create"))) {
    throw invalid('auth_url_params: the server does not offer prompt "create"');
  }
  const hint = home.loginHint?.startsWith("@") ? `mxid:${home.loginHint}` : home.loginHint;
  // Away from servers' logs and other pages' view; a loopback listener sees no fragment.
  const mode = redirectUri.startsWith("https:") ? "fragment" : "query";
  return { response_mode: mode, ...(hint !== undefined && { login_hint: hint }), ...given };
}
