/** Programs whose protocol is spoken. */
export const PROTOCOLS = [
  "git",
  "kubectl",
  "docker",
  "aws",
  "cargo",
  "bazel",
  "terraform",
  "go",
  "google",
  "pip",
  "pnpm",
] as const;

export type Protocol = (typeof PROTOCOLS)[number];

export interface HelperCall {
  readonly protocol: Protocol;
  readonly args: readonly string[];
}

/** Programs that demand a name for their helper call it by a link of that name. */
const LINKS: readonly (readonly [prefix: string, protocol: Protocol])[] = [
  ["docker-credential-", "docker"],
  ["credential-helper-", "bazel"],
  ["terraform-credentials-", "terraform"],
  ["git-credential-", "git"],
];

/** pnpm gives its helper no argument: the login is the rest of the link's name. */
const PNPM_LINK = "coatcheck-token-";

/** The protocol and its arguments, if this is a helper's call: by name, or by the base name of the program. */
export function helperCall(program: string, args: readonly string[]): HelperCall | undefined {
  const base = program.split(/[\\/]/).at(-1) ?? "";
  if (base === "keyring") return { protocol: "pip", args };
  if (base.startsWith(PNPM_LINK)) return { protocol: "pnpm", args: [base.slice(PNPM_LINK.length)] };
  const link = LINKS.find(([prefix]) => base.startsWith(prefix));
  if (link) return { protocol: link[1], args };
  // Cargo gives its provider this alone; what else is configured comes with the request.
  if (args[0] === "--cargo-plugin") return { protocol: "cargo", args };
  const [command, name, ...more] = args;
  const protocol = command === "credential" ? PROTOCOLS.find((one) => one === name) : undefined;
  return protocol && { protocol, args: more };
}
