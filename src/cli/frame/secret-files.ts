import type { SecretVariable } from "../../process/secret-variables.ts";
import { takeSecret } from "../../process/variables.ts";
import { environment, override } from "./environment.ts";
import { usage } from "./fail.ts";

/** What a person or a job may give a command, beside what `serve` takes. */
const SECRETS = ["COATCHECK_SESSION", "COATCHECK_OPERATOR_TOKEN"] as const;

/** From here on a secret that is in a file, which the variable with `_FILE` names, is as if it had been given as such. */
export function readSecretFiles(): void {
  for (const name of SECRETS) {
    const value = taken(name);
    if (value !== undefined) override(name, value);
  }
}

function taken(name: SecretVariable): string | undefined {
  try {
    return takeSecret(environment() as Record<string, string | undefined>, name);
  } catch (error) {
    throw usage((error as Error).message);
  }
}
