import type { Command } from "commander";
import { LIMITS } from "../../process/limits.ts";
import { defineHere } from "../frame/command.ts";
import { runHere } from "../frame/run-here.ts";
import type { Flags } from "../serve/serve.ts";

const VARIABLES = `
Environment: COATCHECK_LISTEN (with commas), COATCHECK_SOCKET_MODE, COATCHECK_SOCKET_GROUP, COATCHECK_TLS_CERT, COATCHECK_TLS_KEY,
COATCHECK_TLS_CLIENT_CA, COATCHECK_METRICS_LISTEN, COATCHECK_METRICS_TOKEN (reads metrics and nothing else), COATCHECK_DATA,
COATCHECK_DATABASE, COATCHECK_PUBLIC_URL, COATCHECK_KEY, COATCHECK_ROOT_TOKEN, COATCHECK_ALLOW_NETWORKS, COATCHECK_CA_FILE,
COATCHECK_PROXY_RESOLVES, COATCHECK_TRUSTED_PROXIES, COATCHECK_PROXY_PROTOCOL, COATCHECK_ALLOW_ORIGINS, COATCHECK_ALLOW_HOSTS,
COATCHECK_LIMITS, COATCHECK_DATA_OWNER_CHECK, COATCHECK_LOG_LEVEL, COATCHECK_ENVIRONMENT (a name; the broker does not refresh
credentials whose data belong to another environment); HTTPS_PROXY, HTTP_PROXY, NO_PROXY. A flag overrides its variable. A secret
may be in a file: COATCHECK_ROOT_TOKEN_FILE, COATCHECK_KEY_FILE,
COATCHECK_DATABASE_FILE, COATCHECK_METRICS_TOKEN_FILE.`;

const EXAMPLES = [
  ["coatcheck serve --dev", "try it with temporary data and a demo authorization server"],
  ["coatcheck serve --data /var/lib/coatcheck", "store everything in this folder"],
  [
    "COATCHECK_DATABASE=postgres://… COATCHECK_KEY=file:/etc/coatcheck/key coatcheck serve",
    "run one of several instances",
  ],
  ["coatcheck serve --public-url https://broker.example.com --listen 0.0.0.0:8200", ""],
] as const;

export function serveCommand(): Command {
  const serving = runHere<Flags>(async (out, _args, flags) => (await import("../serve/serve.ts")).serve(out, flags));
  return defineHere("serve", "Run the broker.", EXAMPLES)
    .option("--listen <address>", "HOST:PORT or unix:PATH, several times if wanted (default 127.0.0.1:8200)", several)
    .option("--socket-mode <mode>", "who may connect to its Unix sockets (default 0600: this user alone)")
    .option("--socket-group <group>", "group of its Unix sockets, by name or number")
    .option("--tls-cert <file>", "certificate chain in PEM: encrypt connections by address (with --tls-key)")
    .option("--tls-key <file>", "key of the certificate in PEM")
    .option("--tls-client-ca <file>", "authorities in PEM: only clients with a certificate of theirs")
    .option("--metrics-listen <address>", "answer health and metrics there, and metrics nowhere else")
    .option("--data <dir>", "folder for the database, the key and the root token (default: the XDG state folder)")
    .option("--database <url>", "postgres://… for several instances; COATCHECK_DATABASE is safer for a password")
    .option("--public-url <url>", "address at which browsers reach the broker (callback, pages)")
    .option(
      "--allow-networks <list>",
      "networks that are not public but may be called: loopback, private, 10.0.0.0/8 …",
    )
    .option("--ca-file <path>", "certificates of authorities to trust as well, in PEM")
    .option("--proxy-resolves", "let the proxy of HTTPS_PROXY look up names, without the broker's check of addresses")
    .option("--trusted-proxies <list>", "networks of reverse proxies whose X-Forwarded-For is trusted")
    .option("--proxy-protocol", "connections begin with a PROXY header, and come from --trusted-proxies alone")
    .option("--allow-origins <list>", "web origins whose pages may use sessions")
    .option("--allow-hosts <list>", "hosts that requests may name, besides this machine's and that of --public-url")
    .option("--limits <list>", `what it takes on at once, NAME=NUMBER: ${limitsText()}`)
    .option("--data-owner-check <when>", "off: use data that other users own or can change (container volumes)")
    .option("--take-over", "take over a restored copy: nobody else uses its credentials any more")
    .option("--idle <seconds>", "stop after this long without requests")
    .option("--dev", "use temporary data, a fixed root token and a demo authorization server; allow loopback")
    .addHelpText("after", VARIABLES)
    .action(async (...all) => {
      await serving(...all);
      process.exit();
    });
}

/** An option that is given once for each value. */
function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Each with its default. */
function limitsText(): string {
  return Object.entries(LIMITS)
    .map(([name, [most, text]]) => `${name}=${most} (${text})`)
    .join(", ");
}
