/** The steps of the guided walk (docs/matrix.md), for the page and for the terminal alike; their texts are in messages/walk. */

export type StepName =
  | "discover"
  | "check"
  | "register"
  | "device"
  | "code"
  | "token"
  | "whoami"
  | "refresh"
  | "revoke"
  | "link"
  | "keep";

interface StepPlace {
  /** A digit, or the letter of what takes the place of others. */
  readonly number: string;
  /** Where it is specified. */
  readonly link: string;
}

const MSC = "https://github.com/matrix-org/matrix-spec-proposals/pull";
const RFC = "https://www.rfc-editor.org/rfc";

/** In their order; `link` is the code flow, which takes the place of `device`, `code` and `token`. */
export const STEPS: Readonly<Record<StepName, StepPlace>> = {
  discover: { number: "1", link: `${MSC}/2965` },
  check: { number: "2", link: `${MSC}/2965` },
  register: { number: "3", link: `${MSC}/2966` },
  device: { number: "4", link: `${MSC}/4341` },
  code: { number: "5", link: `${RFC}/rfc8628#section-3.3` },
  token: { number: "6", link: `${RFC}/rfc8628#section-3.4` },
  whoami: {
    number: "7",
    link: "https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3accountwhoami",
  },
  refresh: { number: "8", link: `${MSC}/2964` },
  revoke: { number: "9", link: `${MSC}/4254` },
  keep: { number: "K", link: `${RFC}/rfc6749#section-6` },
  link: { number: "C", link: `${MSC}/2964` },
};

/** Members of the default registration, each of which has its reason (MX-P13). */
export const REGISTERED_MEMBERS = [
  "client_name",
  "client_uri",
  "application_type",
  "redirect_uris",
  "response_types",
  "grant_types",
  "token_endpoint_auth_method",
] as const;

/** Members of the device authorization answer that are explained. */
export const DEVICE_MEMBERS = [
  "device_code",
  "user_code",
  "verification_uri",
  "verification_uri_complete",
  "expires_in",
  "interval",
] as const;

/** Kinds of homeserver that are simulated. */
export const SIMULATED = ["spec", "mas-1.22", "mas-next", "tuwunel", "continuwuity"] as const;

/** What a simulated homeserver can be made to do (MX-P15). */
export const QUIRKS = [
  "no_device_grant",
  "device_grant_refused",
  "no_complete_uri",
  "slow_down",
  "expired_code",
  "short_tokens",
  "lost_answer",
  "strict_rotation",
  "flipped_soft_logout",
  "account_locked",
] as const;

export type Quirk = (typeof QUIRKS)[number];

/** Where a simulated homeserver takes them: POST of JSON, `quirks` and `event`, each optional. */
export const SIMULATOR_PATH = "/simulator";

/** What can happen to the logins of a simulated homeserver. */
export type SimulatorEvent = "expire" | "log_out";
