import { usage } from "../frame/fail.ts";

/** `host` or `host:port` in lower case, of a host or of an https address without a path. */
export function hostKey(key: string): string {
  const { host, pathname } = addressOf(key);
  if (pathname !== "/") throw usage(`"${key}" has a path: give the host alone, ${host}`);
  return host;
}

/** The same with a path, without its last slash. */
export function pathKey(key: string): string {
  const { host, pathname } = addressOf(key);
  return `${host}${pathname.replace(/\/+$/, "")}`;
}

/** A host without a port, for programs that know no ports. */
export function bareHostKey(key: string): string {
  const host = hostKey(key);
  const { hostname, port } = addressOf(key);
  if (port !== "") throw usage(`"${key}" has a port: this program looks up hosts without a port: give ${hostname}`);
  return host;
}

/** The address under which docker looks for Docker Hub, whatever it is called. */
const HUB = "https://index.docker.io/v1/";
const HUB_NAMES = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

export function registryKey(key: string): string {
  if (HUB_NAMES.has(addressOf(key).host)) return HUB;
  return hostKey(key);
}

/** A name of the program's own, which is pasted into its files as it is. */
export function nameKey(key: string): string {
  if (/^[\w/][\w.:/@+=-]*$/.test(key)) return key;
  throw usage(`"${key}" cannot be a name there: use letters, digits and . _ - : / @ + =`);
}

/** The name of a registry in cargo's configuration (alphanumeric, `-`, `_`). */
export function cargoKey(key: string): string {
  if (/^[\w-]+$/.test(key)) return key;
  throw usage(`"${key}" is not the name of a registry: give its name in .cargo/config.toml, not its address`);
}

function addressOf(key: string): URL {
  const url = URL.parse(/^[a-z][\w+.-]*:\/\//i.test(key) ? key : `https://${key}`);
  if (!url?.hostname || /[*%]/.test(url.hostname)) throw usage(`"${key}" is not a host: give it as git.example.com`);
  if (url.protocol !== "https:") throw usage(`"${key}" is not an https address, and tokens are sent over https only`);
  if (url.username + url.password + url.search + url.hash !== "") {
    throw usage(`"${key}" has more than a host and a path: give ${url.host}${url.pathname.replace(/\/$/, "")}`);
  }
  return url;
}
