import type { Quirk } from "../../api/walk.ts";
import { startServer } from "../server.ts";
import type { ProfileName } from "./profile.ts";
import { PROFILES } from "./profiles.ts";
import { startQuirkServer } from "./quirk-server.ts";

export interface Simulators {
  readonly list: readonly { readonly name: string; readonly of: string; readonly url: string }[];
  close(): Promise<void>;
}

/** One homeserver of each known kind, to learn the login on; nothing is kept. */
export async function startSimulators(): Promise<Simulators> {
  const servers = await Promise.all(Object.values(PROFILES).map((profile) => startQuirkServer(profile, startServer)));
  return {
    list: servers.map(({ profile: { name, of }, baseUrl }) => ({ name, of, url: baseUrl })),
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

/** One of them, which does this wrong from the start. */
export async function startSimulator(kind: ProfileName, quirks: readonly Quirk[]) {
  const { baseUrl, close } = await startQuirkServer(PROFILES[kind], startServer, { quirks });
  return { url: baseUrl, close };
}
