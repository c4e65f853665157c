/** An https URL as client metadata may name it. */
export interface WebUri {
  /** Without port. */
  readonly host: string;
  /** A name with a dot that is no address. */
  readonly hasDomain: boolean;
  /** On the host of the other, or on a name below it. */
  isBelow(other: WebUri): boolean;
}

/** Undefined when it is none, or has user information or a fragment. */
export function webUri(text: unknown): WebUri | undefined {
  if (typeof text !== "string" || uriProblem(text) !== undefined) return undefined;
  const host = new URL(text).hostname;
  const isAddress = host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host);
  const isLocal = host === "localhost" || host.endsWith(".localhost");
  return {
    host,
    hasDomain: !isAddress && !isLocal && host.replace(/\.$/, "").includes("."),
    isBelow: (other) => host === other.host || host.endsWith(`.${other.host}`),
  };
}

/** What is wrong with an https URL, as the end of a sentence. */
export function uriProblem(text: string): string | undefined {
  if (!URL.canParse(text) || /[\s\\]/.test(text)) return "must be an https URL";
  const { protocol, username, password } = new URL(text);
  if (protocol !== "https:") return "must be an https URL";
  if (username !== "" || password !== "") return "must not have user information";
  return text.includes("#") ? "must not have a fragment" : undefined;
}
