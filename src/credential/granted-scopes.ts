/** How a provider writes scopes that it was asked for under shorter names (FC-07). */
export interface ScopeNames {
  /** Asked for → granted. */
  readonly scopeAliases?: Readonly<Record<string, string>>;
  /** What it may put before a scope's own name. */
  readonly scopePrefixes?: readonly string[];
  /** Capitals say nothing. */
  readonly scopeCase?: "ignored";
}

/** What came with the scopes, and says as much as their names. */
interface Brought {
  readonly refreshToken: boolean;
  readonly idToken: boolean;
}

/** Which of the scopes that were asked for are really missing. */
export function lackingScopes(
  asked: readonly string[],
  granted: readonly string[],
  brought: Brought,
  { scopeAliases = {}, scopePrefixes = [], scopeCase }: ScopeNames = {},
): readonly string[] {
  const written = (scope: string) => (scopeCase === "ignored" ? scope.toLowerCase() : scope);
  const given = new Set(granted.map(written));
  if (brought.refreshToken) given.add("offline_access");
  if (brought.idToken) given.add("openid");
  const namesOf = (scope: string) => [
    scope,
    ...(Object.hasOwn(scopeAliases, scope) ? [scopeAliases[scope] ?? ""] : []),
    ...scopePrefixes.flatMap((prefix) => [
      prefix + scope,
      ...(scope.startsWith(prefix) ? [scope.slice(prefix.length)] : []),
    ]),
  ];
  return asked.filter((scope) => !namesOf(scope).some((name) => given.has(written(name))));
}
