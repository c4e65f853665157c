/** RFC 7617, with both parts form-encoded first (RFC 6749 2.3.1; OA-03). */
export function basicAuthorization(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ v: part }).toString().slice(2)).join(":");
  return `Basic ${Buffer.from(encoded, "latin1").toString("base64")}`;
}
