/** The user name beside a token, and whether the host takes it as Bearer. */
export interface GitHost {
  readonly username?: string;
  readonly bearer?: boolean;
}

/** What is known of the programs that serve git (docs/cli.md). */
export const GIT_KINDS: Readonly<Record<string, GitHost>> = {
  github: { username: "x-access-token", bearer: false },
  gitlab: { username: "oauth2", bearer: false },
  gitea: { username: "oauth2", bearer: true },
  forgejo: { username: "oauth2", bearer: true },
  bitbucket: { username: "x-token-auth", bearer: true },
  gerrit: { bearer: true },
};

/** Hosts whose kind needs no telling; one that begins with a dot is all below it. */
const HOSTS: Readonly<Record<string, string>> = {
  "github.com": "github",
  ".ghe.com": "github",
  "gitlab.com": "gitlab",
  "gitea.com": "gitea",
  "codeberg.org": "forgejo",
  "bitbucket.org": "bitbucket",
  ".googlesource.com": "gerrit",
};

export function hostKind(host: string): GitHost {
  const kind = HOSTS[host] ?? HOSTS[host.replace(/^[^.]+/, "")] ?? "";
  return GIT_KINDS[kind] ?? {};
}
