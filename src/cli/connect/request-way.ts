import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Environment } from "../frame/environment.ts";

/** By which way requests leave, as the environment says it: a fingerprint, since it may hold a password; empty where nothing is said. */
export function wayOf(env: Environment): string {
  const [https, http, exempt] = ["https_proxy", "http_proxy", "no_proxy"].map(
    (name) => env[name] || env[name.toUpperCase()] || "",
  );
  const authorities = authoritiesOf(env.COATCHECK_CA_FILE);
  if (!https && !http && authorities === "") return "";
  const said = JSON.stringify([https, http, exempt, env.COATCHECK_PROXY_RESOLVES, authorities]);
  return createHash("sha256").update(said).digest("hex");
}

/** One that cannot be read is the broker's to refuse. */
function authoritiesOf(path: string | undefined): string {
  try {
    return path ? readFileSync(path, "utf8") : "";
  } catch {
    return "unreadable";
  }
}
