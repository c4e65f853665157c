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
    text: "A user id or a server name leads to the homeserver, and the homeserver names its authorization server. The newest location is tried first; the next one is tried only if the previous one does not exist.",
    link: `${MSC}/2965`,
  },
  check: {
    title: "2 Metadata",
    text: "The metadata list the endpoints and what they support. This step sends nothing; it only checks the metadata.",
    link: `${MSC}/2965`,
  },
  register: {
    title: "3 Registration",
    text: "The authorization server does not know this program yet, so the program registers and receives a client id. It gets no secret, because anybody could read a secret inside the program.",
    link: `${MSC}/2966`,
  },
  device: {
    title: "4 Device request",
    text: "The program requests a code. The scope names the API and one device, whose id the program chooses.",
    link: `${MSC}/4341`,
  },
  code: {
    title: "5 User code",
    text: "A person opens the address, on any device with a browser, and enters the code.",
    link: "https://www.rfc-editor.org/rfc/rfc8628#section-3.3",
  },
  token: {
    title: "6 Token request",
    text: "Meanwhile the program polls, never faster than the interval allows, until the person has decided or the code has expired.",
    link: "https://www.rfc-editor.org/rfc/rfc8628#section-3.4",
  },
  whoami: {
    title: "7 Who am I",
    text: "The homeserver says whose token this is. The account and the device are compared with the ones that were requested.",
    link: "https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3accountwhoami",
  },
  refresh: {
    title: "8 Refresh",
    text: "Access tokens last minutes to days. The refresh token obtains the next one and is itself replaced.",
    link: `${MSC}/2964`,
  },
  revoke: {
    title: "9 Revocation",
    text: "This ends the login. The program revokes the refresh token (with token_type_hint), then asks the homeserver whether it still accepts the access token.",
    link: `${MSC}/4254`,
  },
  keep: {
    title: "K Keep this login",
    text: "Instead of revoking the login, hand it to the broker that serves this page. The broker uses the refresh token immediately, so that only the broker holds a valid one, and keeps the login current.",
    link: "https://www.rfc-editor.org/rfc/rfc6749#section-6",
  },
  link: {
    title: "C Code flow",
    text: "Instead of a user code, this flow uses a link in the person's browser. state and PKCE bind the response to this run, and the program exchanges the returned code for tokens.",
    link: `${MSC}/2964`,
  },
};

/** Why the default registration has each of its members (all known servers accept it so). */
export const REGISTRATION_REASONS = {
  client_name: "The name that the person sees when approving.",
  client_uri:
    "A page on a real domain name: one server refuses IP addresses, another refuses localhost and bare suffixes.",
  application_type: "A program on a person's own machine; loopback redirects are for native clients.",
  redirect_uris:
    "Loopback addresses without a port, because two servers refuse a port; any port works later. Tuwunel requires redirect URIs even for a device login.",
  response_types: "Tuwunel requires it even for a device login.",
  grant_types:
    "authorization_code because Tuwunel requires it; refresh_token because matrix-authentication-service issues no refresh token without it.",
  token_endpoint_auth_method:
    "Must state none explicitly: if it is missing, matrix-authentication-service accepts the registration and then refuses every later request.",
} as const;

export const RUNG_REASONS = {
  present: "it exists, so it is used",
  absent: "it does not exist, so the next location is tried",
  trouble:
    "it failed; the next location is not tried, because anybody who can cause an error could then force an older one",
  again: "This may be temporary: try again.",
  end: "Trying again will not help: check the name, or give the base URL (https://…).",
  none: "The name is right, and there is nothing to walk through here: people sign in to this homeserver without OAuth.",
  gone: "Synapse has no auth_issuer since 1.157 (2026): take the present way, which finds the metadata directly.",
} as const;

/** The members of the device authorization answer. */
export const DEVICE_MEMBERS = {
  device_code: "The program's half of the code; a secret.",
  user_code: "The person's half of the code; not a secret.",
  verification_uri: "The address that the person opens.",
  verification_uri_complete:
    "The same address with the code in it, for a QR code; it comes from the server and is never built by the program.",
  expires_in: "Seconds until both halves expire.",
  interval: "Seconds between two polls; 5 if it is missing.",
} as const;

/** Error code → the next thing to do. */
export const ERROR_ADVICE = {
  authorization_pending: "Nobody has decided yet: poll again after the interval.",
  slow_down: "That poll came too soon: the interval is 5 seconds longer from now on.",
  access_denied: "The person refused. Ask for a new code if that was a mistake.",
  expired_token: "The code has expired; the page may have shown an error. Ask for a new code.",
  invalid_grant:
    "The server does not know this code or token, or it has been used already. Start again with the device request.",
  invalid_client: "The server does not know this client. Register again.",
  unauthorized_client:
    "This client did not register this grant, or it registered another authentication method. Check grant_types and token_endpoint_auth_method.",
  invalid_scope: "The server does not grant this scope. The device id may be in use already: try a new one.",
  invalid_client_metadata: "Correct the registration as the server's message says.",
  invalid_redirect_uri: "Correct redirect_uris as the server's message says.",
  M_UNKNOWN_TOKEN:
    "The access token is no longer valid. With soft_logout: true the device still exists: refresh the token, or sign in again with the same device. With soft_logout: false, or without it, the device and its keys are gone: sign in again as a new device.",
  M_FORBIDDEN: "The server requires an initial access token, or refuses the host of a redirect URI.",
  unavailable: "The server gave no decision. Try again.",
  other: "This is the server's own text, unchanged.",
} as const;

/** After a refresh whose answer was thrown away. */
export const LOST_ANSWER =
  "The answer was lost, so the old refresh token is the only one you have. Send it once more to see how this kind of server handles that." as const;

/** What each kind of server does when a used refresh token comes once more. */
export const REPLAY = {
  "matrix-authentication-service":
    "accepts it until one of the new tokens has been used, then answers 400 invalid_grant, and the session stays valid.",
  Tuwunel: "issues a new access token with the same refresh token for 15 s, and deletes the device after that.",
  Continuwuity: "refuses it immediately, and the session is lost.",
} as const;
