import type { FaceKey } from "../../messages/face/index.ts";
import type { May } from "./may.ts";

interface Seen {
  readonly may: May;
  /** Those that there are for the token, and those below which it has a rule for something. */
  readonly mounts: readonly string[];
  readonly seen: readonly string[];
  /** Sessions and MCP are those of the first mount. */
  readonly first: string;
  /** Those of others, by a rule for labels too; and its own, or those of its account. */
  readonly others: boolean;
  readonly own: boolean;
}

export interface Link {
  readonly href: string;
  readonly key: FaceKey & `nav.${string}`;
  readonly isSeen: (seen: Seen) => boolean;
}

interface Area {
  readonly href: string;
  readonly key: FaceKey & `access.${string}`;
  /** Of the API. */
  readonly wants: readonly (readonly [capability: string, path: string])[];
}

/** The parts of what is about access, each with its own rights. */
export const ACCESS_AREAS: readonly Area[] = [
  { href: "/ui/access/tokens", key: "access.tokens", wants: [["update", "auth/token/lookup-accessor"]] },
  { href: "/ui/access/policies", key: "access.policies", wants: [["list", "sys/policies/acl/"]] },
  { href: "/ui/access/methods", key: "access.methods", wants: [["read", "sys/auth"]] },
  { href: "/ui/access/mounts", key: "access.mounts", wants: [["read", "sys/mounts"]] },
  {
    href: "/ui/access/audit",
    key: "access.audit",
    wants: [
      ["read", "sys/audit"],
      ["sudo", "sys/audit"],
    ],
  },
];

/** The screens that are linked from everywhere, for whoever sees something there. */
export const LINKS: readonly Link[] = [
  { href: "/ui", key: "nav.home", isSeen: () => true },
  // Who may read but one credential can open it by its name.
  { href: "/ui/credentials", key: "nav.credentials", isSeen: ({ seen }) => seen.length > 0 },
  { href: "/ui/sessions", key: "nav.sessions", isSeen: ({ others }) => others },
  { href: "/ui/mine", key: "nav.mine", isSeen: ({ own }) => own },
  {
    href: "/ui/servers",
    key: "nav.servers",
    isSeen: ({ mounts, may }) => mounts.some((mount) => may("list", `${mount}/servers/`)),
  },
  {
    href: "/ui/mcp",
    key: "nav.mcp",
    isSeen: ({ first, may }) => may("list", `${first}/servers/`),
  },
  {
    href: "/ui/access",
    key: "nav.access",
    isSeen: ({ may }) => ACCESS_AREAS.some(({ wants }) => wants.every(([capability, path]) => may(capability, path))),
  },
];

/** Of the API: what decides whether a screen is linked. */
export function linkPaths(mounts: readonly string[], first: string): readonly string[] {
  const access = ACCESS_AREAS.flatMap(({ wants }) => wants.map(([, path]) => path));
  return [
    ...[first, ...mounts].map((mount) => `${mount}/servers/`),
    "sessions/",
    "sessions/own/",
    "sessions/mine/",
    ...access,
  ];
}
