import type { FaceKey } from "../../messages/face/index.ts";
import type { May } from "./may.ts";

interface Seen {
  readonly may: May;
  /** All, and those below which the token has a rule for something. */
  readonly mounts: readonly string[];
  readonly seen: readonly string[];
  /** By a rule of its own for labels, too. */
  readonly sessions: boolean;
}

export interface Link {
  readonly href: string;
  readonly key: FaceKey & `nav.${string}`;
  readonly isSeen: (seen: Seen) => boolean;
}

/** The screens that are linked from everywhere, for whoever sees something there. */
export const LINKS: readonly Link[] = [
  { href: "/ui", key: "nav.home", isSeen: () => true },
  // Who may read but one credential can open it by its name.
  { href: "/ui/credentials", key: "nav.credentials", isSeen: ({ seen }) => seen.length > 0 },
  { href: "/ui/sessions", key: "nav.sessions", isSeen: ({ sessions }) => sessions },
  {
    href: "/ui/servers",
    key: "nav.servers",
    isSeen: ({ mounts, may }) => mounts.some((mount) => may("list", `${mount}/servers/`)),
  },
];

/** Of the API: what decides whether a screen is linked. */
export function linkPaths(mounts: readonly string[]): readonly string[] {
  return [...mounts.map((mount) => `${mount}/servers/`), "sessions/", "sessions/own/"];
}
