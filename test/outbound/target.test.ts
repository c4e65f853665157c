import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetworks } from "../../src/outbound/address-policy.ts";
import { findTarget, isConnectionAllowed } from "../../src/outbound/target.ts";
import { TransportError } from "../../src/protocol/response/transport-error.ts";

const PUBLIC = ["93.184.215.14"];

/** The verdict for a URL: the checked addresses, or the code of the refusal. */
async function verdict(url: string, allow = "", addresses: readonly string[] = PUBLIC): Promise<string> {
  try {
    return (await findTarget(url, parseNetworks(allow), async () => addresses)).addresses.join();
  } catch (error) {
    assert.ok(error instanceof TransportError);
    assert.equal(error.sent, false);
    return error.code;
  }
}

const REFUSED: readonly [url: string, code: string][] = [
  ["", "url_refused"],
  ["as.example.com", "url_refused"],
  ["ftp://as.example.com/", "url_refused"],
  ["file:///etc/passwd", "url_refused"],
  ["data:text/plain,x", "url_refused"],
  ["javascript:alert(1)", "url_refused"],
  ["https://user@as.example.com/", "url_refused"],
  ["https://user:secret@as.example.com/", "url_refused"],
  ["https://:secret@as.example.com/", "url_refused"],
  ["http://a@b:80@as.example.com/", "url_refused"],
  ["http://as.example.com/", "url_refused"],
  ["https://as.example.com:8443/", "url_refused"],
  ["https://as.example.com:22/", "url_refused"],
  ["https://localhost/", "url_refused"],
  ["https://localhost./", "url_refused"],
  ["https://LOCALHOST/", "url_refused"],
  ["https://api.localhost/", "url_refused"],
  ["https://printer.local/", "url_refused"],
  ["https://metadata.google.internal/", "url_refused"],
  ["https://metadata.google.internal./", "url_refused"],
  ["https://keycloak/", "url_refused"],
  ["https://127.0.0.1/", "address_refused"],
  ["https://127.0.0.1./", "address_refused"],
  ["https://127.1/", "address_refused"],
  ["https://2130706433/", "address_refused"],
  ["https://0x7f.1/", "address_refused"],
  ["https://0x7f000001/", "address_refused"],
  ["https://0177.0.0.1/", "address_refused"],
  ["https://017700000001/", "address_refused"],
  ["https://１２７.0.0.1/", "address_refused"],
  ["https://127。0。0。1/", "address_refused"],
  ["https://0/", "address_refused"],
  ["https://10.0.0.1/", "address_refused"],
  ["https://169.254.169.254/latest/meta-data/", "address_refused"],
  ["https://168.63.129.16/", "address_refused"],
  ["https://[::1]/", "address_refused"],
  ["https://[::]/", "address_refused"],
  ["https://[::ffff:127.0.0.1]/", "address_refused"],
  ["https://[::ffff:7f00:1]/", "address_refused"],
  ["https://[::127.0.0.1]/", "address_refused"],
  ["https://[64:ff9b::7f00:1]/", "address_refused"],
  ["https://[fe80::1]/", "address_refused"],
  ["https://[fc00::1]/", "address_refused"],
  ["https:\\\\127.0.0.1\\", "address_refused"],
];

for (const [url, code] of REFUSED) {
  test(`S01 ${url || "nothing"} is refused as ${code}`, async () => {
    assert.equal(await verdict(url), code);
  });
}

const ALLOWED: readonly [url: string, allow: string, addresses: readonly string[], expected: string][] = [
  ["https://as.example.com/token?x=1", "", PUBLIC, "93.184.215.14"],
  ["https://as.example.com./", "", PUBLIC, "93.184.215.14"],
  ["https://bücher.example/", "", PUBLIC, "93.184.215.14"],
  ["https://1.1.1.1/", "", [], "1.1.1.1"],
  ["https://[2606:4700::1111]/", "", [], "2606:4700::1111"],
  ["http://127.0.0.1:8080/", "loopback", [], "127.0.0.1"],
  ["http://[::1]:8080/", "loopback", [], "::1"],
  ["http://localhost:8080/", "loopback", ["127.0.0.1", "::1"], "127.0.0.1,::1"],
  ["http://keycloak:8080/", "private", ["172.18.0.3"], "172.18.0.3"],
  ["https://as.example.com:8443/", "as.example.com", PUBLIC, "93.184.215.14"],
  ["http://keycloak/", "keycloak", ["172.18.0.3"], "172.18.0.3"],
  ["http://anything.internal:99/", "any", ["10.0.0.1"], "10.0.0.1"],
];

for (const [url, allow, addresses, expected] of ALLOWED) {
  test(`S01 ${url} is allowed with "${allow}"`, async () => {
    assert.equal(await verdict(url, allow, addresses), expected);
  });
}

const MIXED: readonly [url: string, allow: string, addresses: readonly string[], code: string][] = [
  ["https://as.example.com/", "", ["93.184.215.14", "10.0.0.1"], "address_refused"],
  ["https://as.example.com/", "", ["::ffff:127.0.0.1"], "address_refused"],
  ["https://as.example.com/", "", ["not an address"], "address_refused"],
  ["https://as.example.com/", "", [], "unreachable"],
  ["http://as.example.com/", "loopback", PUBLIC, "url_refused"],
  ["http://as.example.com/", "loopback", ["127.0.0.1", ...PUBLIC], "url_refused"],
  ["http://keycloak:8080/", "loopback", ["172.18.0.3"], "address_refused"],
  ["https://other.example.com:8443/", "as.example.com", PUBLIC, "url_refused"],
];

for (const [url, allow, addresses, code] of MIXED) {
  test(`S02 ${url} at ${addresses.join(" and ") || "no address"} with "${allow}" is ${code}`, async () => {
    assert.equal(await verdict(url, allow, addresses), code);
  });
}

test("S01 a name that cannot be allowed is not looked up", async () => {
  let lookups = 0;
  const resolve = async () => {
    lookups++;
    return PUBLIC;
  };
  await assert.rejects(findTarget("https://secret.internal/", parseNetworks(""), resolve));
  assert.equal(lookups, 0);
});

test("S02 the connected address is judged again", async () => {
  const policy = parseNetworks("");
  const target = await findTarget("https://as.example.com/", policy, async () => PUBLIC);
  assert.equal(isConnectionAllowed(target, policy, "93.184.215.14"), true);
  for (const address of ["127.0.0.1", "::ffff:10.0.0.1", undefined]) {
    assert.equal(isConnectionAllowed(target, policy, address), false);
  }
});
