/** One challenge of a `WWW-Authenticate` field (RFC 9110 11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case; of one that comes twice the first. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** MCP-D1: more is no challenge but an attack on whoever reads it. Characters of all fields together, and challenges. */
const LONGEST = 8_192;
const MOST = 16;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const SCHEME = new RegExp(`${TOKEN}(?=[ \\t]|,|$)`, "y");
const PARAMETER = new RegExp(`(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}(?=[ \\t]*(?:,|$))))`, "y");
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
const BETWEEN = /[ \t,]*/y;

/**
 * Every challenge of all `WWW-Authenticate` fields, joined by commas as HTTP allows: several in one field, token68, quoted
 * strings, any order and case. Undefined where they are more or longer than anybody needs, or no list of challenges.
 */
export function parseChallenges(text: string): readonly Challenge[] | undefined {
  if (text.length > LONGEST) return undefined;
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  };
  for (take(BETWEEN); at < text.length; take(BETWEEN)) {
    const current = challenges.at(-1);
    // A name with `=` behind it belongs to the challenge before; a word alone begins the next one.
    const parameter = current && take(PARAMETER);
    if (parameter) {
      const [, name = "", quoted, plain = ""] = parameter;
      current.parameters[name.toLowerCase()] ??= quoted?.replaceAll(/\\(.)/g, "$1") ?? plain;
      continue;
    }
    const scheme = take(SCHEME);
    if (!scheme || challenges.length === MOST) return undefined;
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters: Object.create(null) });
    if (take(/[ \t]+/y)) takeToken68();
  }
  return challenges;

  /** Credentials without a name stand alone behind their scheme; a parameter has a value behind its `=`. */
  function takeToken68(): void {
    PARAMETER.lastIndex = at;
    const next = new RegExp(SCHEME);
    next.lastIndex = at;
    if (!PARAMETER.test(text)) take(TOKEN68);
  }
}

/** What a server says it wants of a token (RFC 6750 3, RFC 9728 5.1). */
export interface BearerChallenge {
  /** Where its protected resource metadata are. */
  readonly resourceMetadata?: string;
  readonly scope?: string;
  readonly error?: string;
}

/** MCP-D1: of the first `Bearer` that names the metadata, else of the first `Bearer`. */
export function bearerChallenge(challenges: readonly Challenge[]): BearerChallenge | undefined {
  const bearers = challenges.filter(({ scheme }) => scheme === "bearer");
  const chosen = bearers.find(({ parameters }) => parameters.resource_metadata !== undefined) ?? bearers[0];
  if (!chosen) return undefined;
  const { resource_metadata: resourceMetadata, scope, error } = chosen.parameters;
  return {
    ...(resourceMetadata !== undefined && { resourceMetadata }),
    ...(scope !== undefined && { scope }),
    ...(error !== undefined && { error }),
  };
}
