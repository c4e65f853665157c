/** What a broker is told of the demo server: programs may sign in, and use its API by the proxy. */
export function demoRecord(issuer: string, clientId: string) {
  return {
    provider: "oidc",
    client_id: clientId,
    allow_sessions: true,
    provider_options: { issuer_url: issuer },
    proxy_apis: { api: `${issuer}/api/` },
  };
}
