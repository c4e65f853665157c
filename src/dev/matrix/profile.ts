import type { SIMULATED } from "../../api/walk.ts";
import type { Proper } from "../proper.ts";
import type { Rung } from "./discovery.ts";

export type ProfileName = (typeof SIMULATED)[number];

/** Error codes whose status differs between servers. */
export type ErrorCode =
  | "access_denied"
  | "authorization_pending"
  | "expired_token"
  | "invalid_client"
  | "invalid_client_metadata"
  | "invalid_grant"
  | "invalid_redirect_uri"
  | "invalid_request"
  | "invalid_scope"
  | "server_error"
  | "slow_down"
  | "unauthorized_client"
  | "unsupported_grant_type";

/** How one kind of server behaves, as data: what matrix.md tells of it, row by row. Times in seconds. */
export interface Profile {
  readonly name: ProfileName;
  /** What it stands for. */
  readonly of: string;
  readonly discovery: DiscoveryRules;
  /** Where an error's status is not 400. */
  readonly statuses: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly registration: RegistrationRules;
  readonly scopes: ScopeRules;
  readonly codeFlow: {
    readonly life: number;
    /** A replayed code ends the session when it comes later than this. */
    readonly replayEndsSessionAfter?: number;
  };
  readonly device: DeviceRules;
  readonly refresh: RefreshRules;
  readonly revocation: RevocationRules;
  readonly homeserver: HomeserverRules;
}

interface DiscoveryRules {
  readonly versions: readonly string[];
  readonly rungs: readonly Rung[];
  /** What follows the origin in the issuer. */
  readonly issuerPath: "" | "/";
  /** How long metadata may be kept. */
  readonly maxAge?: number;
  /** Members of the metadata beside the endpoints. */
  readonly metadata: Proper["body"];
}

export interface RegistrationRules {
  /** Refused without redirect URIs, `code` and both grants of the code flow, also for the device grant alone. */
  readonly codeFlowRequired: boolean;
  /** A loopback redirect URI may name a port. */
  readonly loopbackPort: boolean;
  /** Hosts that `client_uri` may not have. */
  readonly refusedHosts?: RegExp;
  /** What no URL's path may have. */
  readonly refusedInPaths?: RegExp;
  /** A redirect URI with a private scheme needs its slash. */
  readonly privateSchemeSlash: boolean;
  /** `hex` and `base64`: the same id for equal metadata. */
  readonly clientId: "random" | "hex" | "base64";
  /** Grants and the authentication method are held against what was registered. */
  readonly enforced: boolean;
  /** A refresh token only for clients that registered the grant. */
  readonly refreshTokenByGrant: boolean;
}

export interface ScopeRules {
  /** What an unknown scope does. `shown`: the person sees an error, and the program nothing until the code ends. */
  readonly unknown: "refused" | "narrowed" | "shown";
  /** Error of what is refused; `invalid_scope` unless given. */
  readonly error?: "invalid_grant";
  readonly withoutDevice: "no-device" | "server-picks" | "refused";
  /** Stable and unstable spelling in one request are an unknown scope. */
  readonly oneSpelling: boolean;
  readonly shortestDeviceId: number;
  /** A device id that the account has already is `invalid_scope`. */
  readonly newDevicesOnly: boolean;
  /** Answers tell the scopes sorted. */
  readonly sorted: boolean;
}

interface DeviceRules {
  readonly life: number;
  readonly interval?: number;
  readonly userCode: { readonly alphabet: string; readonly groups: readonly number[] };
  /** Parameter of `verification_uri_complete`, where there is one. */
  readonly complete?: "code" | "user_code";
  /** A poll before its time is `slow_down`. */
  readonly slowDown: boolean;
  /** The first poll of each code is `slow_down`, whenever it comes. */
  readonly slowDownFirst?: true;
  readonly deniable: boolean;
  /** What unknown and used device codes, and those of other clients, are told. */
  readonly dead: "invalid_grant" | "expired_token";
  /** How often a code's page can be opened before the code ends. */
  readonly openings?: number;
  /** How many codes an address may enter at once, and after that one in so many seconds. */
  readonly entries?: { readonly burst: number; readonly seconds: number };
}

interface RefreshRules {
  readonly rotation:
    | { readonly kind: "until-successor-used" | "strict" }
    | { readonly kind: "grace"; readonly seconds: number };
  /** A consumed token that comes when it is worth nothing any more deletes the device. */
  readonly replayDeletesDevice: boolean;
  readonly accessLife: number;
  /** Whether the answer tells the scope. */
  readonly scope: boolean;
  /** `checked`: another client's token is `invalid_grant`; `crash`: it is an internal error. */
  readonly clientId: "checked" | "ignored" | "crash";
}

interface RevocationRules {
  /** Unknown tokens are 400 `invalid_grant`; else 200. */
  readonly unknownRefused: boolean;
  /** Another client's id is `unauthorized_client`. */
  readonly clientIdChecked: boolean;
  /** A token under the wrong hint is not found. */
  readonly hintDecides: boolean;
}

interface HomeserverRules {
  readonly softLogout: boolean;
  /** How long a token that was good once is taken for good. */
  readonly introspectionCache: number;
  /** While it is down, no device can be made and no code redeemed. */
  readonly separate: boolean;
}
