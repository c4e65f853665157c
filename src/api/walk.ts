/** The texts of the guided walk (docs/matrix.md), for the page and for the terminal alike. */

export interface StepText {
  readonly title: string;
  /** What happens in this step, and why. */
  readonly text: string;
  /** Where it is specified. */
  readonly link: string;
}

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

const MSC = "https://github.com/matrix-org/matrix-spec-proposals/pull";

/** In their order; `link` is the code flow, which takes the place of `device`, `code` and `token`. */
export const STEPS: Readonly<Record<StepName, StepText>> = {
  discover: {
    title: "1 Discovery",
    text: "A user id or a server name leads to the homeserver, and the homeserver names its authorization server. Newest place first; only one that is absent leads to the next.",
    link: `${MSC}/2965`,
  },
  check: {
    title: "2 Metadata",
    text: "The metadata say where each endpoint is and what it can do. Nothing is sent: they are only checked.",
    link: `${MSC}/2965`,
  },
  register: {
    title: "3 Registration",
    text: "A program that nobody knows here introduces itself and gets a client id; no secret, since anybody could read it in the program.",
    link: `${MSC}/2966`,
  },
  device: {
    title: "4 Device request",
    text: "The program asks for a code. The scope names the API and one device, whose id the program chooses.",
    link: `${MSC}/4341`,
  },
  code: {
    title: "5 User code",
    text: "A person opens the address, on any device with a browser, and enters the code.",
    link: "https://www.rfc-editor.org/rfc/rfc8628#section-3.3",
  },
  token: {
    title: "6 Token request",
    text: "Meanwhile the program asks again and again, never sooner than the interval, until the person has decided or the code has expired.",
    link: "https://www.rfc-editor.org/rfc/rfc8628#section-3.4",
  },
  whoami: {
    title: "7 Who am I",
    text: "The homeserver says whose token it is. Account and device are compared with what was asked for.",
    link: "https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3accountwhoami",
  },
  refresh: {
    title: "8 Refresh",
    text: "Access tokens live minutes to days. The refresh token gets the next one, and is itself replaced.",
    link: `${MSC}/2964`,
  },
  revoke: {
    title: "9 Revocation",
    text: "Ends the login. It is the refresh token that is revoked, with its hint; then the homeserver is asked whether the access token is dead.",
    link: `${MSC}/4254`,
  },
  keep: {
    title: "K Keep this login",
    text: "Instead of revoking it: the broker of this page takes the refresh token, uses it at once, so that from then on it alone can, and keeps the login fresh.",
    link: "https://www.rfc-editor.org/rfc/rfc6749#section-6",
  },
  link: {
    title: "C Code flow",
    text: "Instead of a code, a link in the person's browser: state and PKCE tie the answer to this run, and the code that comes back is exchanged for tokens.",
    link: `${MSC}/2964`,
  },
};

/** Why the default registration has each of its members (all known servers accept it so). */
export const REGISTRATION_REASONS = {
  client_name: "Shown to the person who approves.",
  client_uri: "A page with a real domain: one server refuses addresses, another localhost and bare suffixes.",
  application_type: "A program on somebody's machine, which a loopback redirect is for.",
  redirect_uris:
    "Loopback without a port, which two servers refuse; any port works later. Tuwunel wants them even for a device login.",
  response_types: "Tuwunel wants it even for a device login.",
  grant_types:
    "The code flow because Tuwunel wants it; refresh_token because matrix-authentication-service gives none without.",
  token_endpoint_auth_method:
    "None, by name: matrix-authentication-service accepts its absence and then refuses every later request.",
} as const;

export const RUNG_REASONS = {
  present: "it is there, and counts",
  absent: "there is no such place, so the next one is tried",
  trouble: "trouble, which never leads on: whoever can cause it would choose the way down",
  again: "That may pass: try again.",
  end: "That will not pass by itself: check the name, or give the base URL (https://…).",
} as const;

/** The members of the device authorization answer. */
export const DEVICE_MEMBERS = {
  device_code: "The program's half; a secret.",
  user_code: "The person's half; shown as it is.",
  verification_uri: "The address the person opens.",
  verification_uri_complete: "The same with the code in it, for a QR code; never built by the program.",
  expires_in: "Seconds until both halves are worthless.",
  interval: "Seconds between two polls; 5 where it is missing.",
} as const;

/** Error code → the next thing to do. */
export const ERROR_ADVICE = {
  authorization_pending: "Nobody has decided yet: poll again after the interval.",
  slow_down: "That was too soon: the interval is 5 seconds longer from now on.",
  access_denied: "The person refused. Ask for a new code if that was a mistake.",
  expired_token: "The code has expired; the page may have shown an error. Ask for a new code.",
  invalid_grant:
    "The server does not know this code or token, or it was used before. Begin again with the device request.",
  invalid_client: "The server does not know this client. Register again.",
  unauthorized_client:
    "This client did not register this grant, or registered another way to authenticate. Look at grant_types and token_endpoint_auth_method.",
  invalid_scope: "The server does not give this scope. A device id that is in use may be the reason: take a new one.",
  invalid_client_metadata: "Correct the registration as the server says.",
  invalid_redirect_uri: "Correct redirect_uris as the server says.",
  M_UNKNOWN_TOKEN:
    "The access token is not good any more. With soft_logout: true the device lives on, and a refresh or a new login for the same device brings the next one; with false, or without it, the device and its keys are gone, and a new login makes a new device.",
  M_FORBIDDEN: "The server wants an initial access token, or refuses the host of a redirect URI.",
  unavailable: "No verdict: nothing has been decided. Try again.",
  other: "The text is the server's own; nothing was changed here.",
} as const;

/** After a refresh whose answer was thrown away. */
export const LOST_ANSWER =
  "The answer is lost, so the old refresh token is the only one there is. Refresh once more: what comes now is what this kind of server makes of it." as const;

/** What each kind of server does when a used refresh token comes once more. */
export const REPLAY = {
  "matrix-authentication-service":
    "Takes it while neither of the new tokens was used; later 400 invalid_grant, and the session lives on.",
  Tuwunel: "For 15 s a new access token with the same refresh token; later the device is deleted.",
  Continuwuity: "Refuses it at once, and the session is lost.",
} as const;
