import type { Ladder } from "../protocol/ladder/ladder.ts";

/** Where a homeserver says which authorization server is its own, newest first. */
export const MATRIX_LADDER = {
  kind: "homeserver",
  noun: "Matrix homeserver",
  wellKnown: { path: "/.well-known/matrix/client", baseUrl: ["m.homeserver", "base_url"] },
  probe: { path: "/_matrix/client/versions", list: "versions" },
  rungs: [
    { name: "stable", path: "/_matrix/client/v1/auth_metadata", spelling: "stable" },
    { name: "unstable", path: "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata", spelling: "unstable" },
    {
      name: "auth_issuer",
      path: "/_matrix/client/unstable/org.matrix.msc2965/auth_issuer",
      issuer: [["issuer"]],
      spelling: "unstable",
    },
    {
      name: "well-known",
      path: "/.well-known/matrix/client",
      atName: true,
      issuer: [
        ["org.matrix.msc2965.authentication", "issuer"],
        ["m.authentication", "issuer"],
      ],
      spelling: "unstable",
    },
  ],
  older: { path: "/_matrix/client/v3/login", list: "flows", member: "type" },
  unrecognized: "M_UNRECOGNIZED",
} as const satisfies Ladder;
