import type { Proper } from "../proper.ts";
import type { ErrorCode, Profile } from "./profile.ts";

/** What an endpoint answers instead: an error under the status that this kind of server gives it. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly description: string;

  constructor(code: ErrorCode, description: string) {
    super(`${code}: ${description}`);
    this.code = code;
    this.description = description;
  }

  answer({ statuses }: Profile): Proper {
    return { status: statuses[this.code] ?? 400, body: { error: this.code, error_description: this.description } };
  }
}
