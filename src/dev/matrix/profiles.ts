import type { Profile, ProfileName } from "./profile.ts";

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

const ACTIONS = [
  "org.matrix.profile",
  "org.matrix.devices_list",
  "org.matrix.device_view",
  "org.matrix.device_delete",
  "org.matrix.cross_signing_reset",
];

/** A server that does what the specification says, retry rule of refreshing included. */
const spec: Profile = {
  name: "spec",
  of: "Matrix specification 1.18, RFC 7591, RFC 8628",
  discovery: {
    versions: ["v1.15", "v1.18"],
    rungs: ["stable"],
    issuerPath: "/",
    metadata: {
      prompt_values_supported: ["create"],
      account_management_actions_supported: [...ACTIONS, "org.matrix.account_deactivate"],
    },
  },
  statuses: { invalid_client: 401 },
  registration: {
    codeFlowRequired: false,
    loopbackPort: false,
    privateSchemeSlash: false,
    clientId: "random",
    enforced: true,
    refreshTokenByGrant: true,
  },
  scopes: {
    unknown: "refused",
    withoutDevice: "refused",
    oneSpelling: false,
    shortestDeviceId: 10,
    newDevicesOnly: false,
    sorted: false,
  },
  codeFlow: { life: 60 },
  device: {
    life: 600,
    interval: 5,
    userCode: { alphabet: "BCDFGHJKLMNPQRSTVWXZ", groups: [4, 4] },
    complete: "user_code",
    slowDown: true,
    deniable: true,
    dead: "invalid_grant",
  },
  refresh: {
    rotation: { kind: "until-successor-used" },
    replayDeletesDevice: false,
    accessLife: 300,
    scope: true,
    clientId: "checked",
  },
  revocation: { unknownRefused: false, clientIdChecked: false, hintDecides: false },
  homeserver: { softLogout: true, introspectionCache: 0, separate: false },
};

const mas: Profile = {
  name: "mas-1.22",
  of: "matrix-authentication-service 1.22 in front of Synapse 1.157",
  discovery: {
    versions: ["v1.11", "v1.12"],
    rungs: ["stable", "unstable", "auth-issuer"],
    issuerPath: "/",
    maxAge: 600,
    metadata: {
      prompt_values_supported: ["create"],
      account_management_actions_supported: [
        ...ACTIONS,
        ...["sessions_list", "session_view", "session_end"].flatMap((old) => [`org.matrix.${old}`, old]),
      ],
    },
  },
  statuses: {
    authorization_pending: 403,
    access_denied: 403,
    expired_token: 403,
    invalid_client: 401,
    unauthorized_client: 401,
    server_error: 500,
  },
  registration: {
    codeFlowRequired: false,
    loopbackPort: true,
    // One label: localhost and the public suffixes that need no list to be known.
    refusedHosts: /^[^.]+$/,
    refusedInPaths: /[%+@]/,
    privateSchemeSlash: true,
    clientId: "hex",
    enforced: true,
    refreshTokenByGrant: true,
  },
  scopes: {
    unknown: "shown",
    withoutDevice: "no-device",
    oneSpelling: true,
    shortestDeviceId: 10,
    newDevicesOnly: false,
    sorted: true,
  },
  codeFlow: { life: 600, replayEndsSessionAfter: 20 },
  device: {
    life: 1200,
    interval: 5,
    userCode: { alphabet: LETTERS + DIGITS, groups: [6] },
    slowDown: false,
    deniable: true,
    dead: "invalid_grant",
  },
  refresh: {
    rotation: { kind: "until-successor-used" },
    replayDeletesDevice: false,
    accessLife: 300,
    scope: true,
    clientId: "checked",
  },
  revocation: { unknownRefused: false, clientIdChecked: true, hintDecides: true },
  homeserver: { softLogout: false, introspectionCache: 120, separate: true },
};

/** What is announced for it. */
const masNext: Profile = {
  ...mas,
  name: "mas-next",
  of: "matrix-authentication-service after 1.22, as announced",
  statuses: { ...mas.statuses, slow_down: 403 },
  device: { ...mas.device, slowDown: true, entries: { burst: 10, seconds: 60 } },
};

const tuwunel: Profile = {
  ...spec,
  name: "tuwunel",
  of: "Tuwunel 1.9",
  discovery: {
    versions: ["v1.15"],
    rungs: ["stable", "unstable", "auth-issuer", "auth-issuer-v1"],
    issuerPath: "",
    metadata: { prompt_values_supported: [], account_management_actions_supported: ACTIONS },
  },
  statuses: { slow_down: 429, invalid_client: 401 },
  registration: { ...spec.registration, codeFlowRequired: true, enforced: false, refreshTokenByGrant: false },
  scopes: {
    ...spec.scopes,
    unknown: "narrowed",
    withoutDevice: "server-picks",
    shortestDeviceId: 1,
  },
  device: {
    life: 1800,
    interval: 5,
    userCode: { alphabet: "BCDFGHJKLMNPQRSTVWXZ", groups: [5, 5] },
    complete: "user_code",
    slowDown: true,
    deniable: true,
    dead: "invalid_grant",
    openings: 10,
  },
  refresh: {
    rotation: { kind: "grace", seconds: 15 },
    replayDeletesDevice: true,
    accessLife: 604_800,
    scope: false,
    clientId: "ignored",
  },
};

const continuwuity: Profile = {
  ...spec,
  name: "continuwuity",
  of: "Continuwuity 26.8 (alpha)",
  discovery: {
    versions: ["v1.15"],
    rungs: ["stable"],
    issuerPath: "/",
    metadata: {
      prompt_values_supported: [],
      account_management_actions_supported: [...ACTIONS, "org.matrix.account_deactivate"],
    },
  },
  statuses: { server_error: 500 },
  registration: {
    ...spec.registration,
    refusedHosts: /^[\d.]+$|^\[/,
    clientId: "base64",
    refreshTokenByGrant: false,
  },
  scopes: { ...spec.scopes, error: "invalid_grant", shortestDeviceId: 5, newDevicesOnly: true },
  device: {
    life: 60,
    userCode: { alphabet: DIGITS, groups: [6] },
    complete: "user_code",
    slowDown: false,
    deniable: false,
    dead: "expired_token",
  },
  refresh: {
    rotation: { kind: "strict" },
    replayDeletesDevice: false,
    accessLife: 3600,
    scope: true,
    clientId: "crash",
  },
  revocation: { ...spec.revocation, unknownRefused: true },
};

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  spec,
  "mas-1.22": mas,
  "mas-next": masNext,
  tuwunel,
  continuwuity,
};
