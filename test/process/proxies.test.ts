import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError, loadEgress } from "../../src/process/config.ts";
import { proxiesOf } from "../../src/process/proxies.ts";
import { LOCAL_CERTIFICATE } from "../servers/local-certificate.ts";
import { dataFolder } from "../support/temporary-folder.ts";

const PROXY = "http://proxy.example.com:3128";

test("FC-40 NO_PROXY is read as curl reads it", () => {
  const rows: readonly [noProxy: string, url: string, byProxy: boolean][] = [
    ["", "https://as.example.com/", true],
    ["*", "https://as.example.com/", false],
    ["example.com", "https://as.example.com/", false],
    ["other.example, .Example.com", "https://example.com/", false],
    ["ample.com", "https://example.com/", true],
    ["as.example.com:8443", "https://as.example.com/", true],
    ["as.example.com:443", "https://as.example.com/", false],
    ["10.0.0.0/8", "https://10.1.2.3/", false],
    ["10.0.0.0/8", "https://11.1.2.3/", true],
    ["2001:db8::/32", "https://[2001:db8::7]/", false],
    ["2001:db8::7", "https://[2001:db8::7]/", false],
    ["10.0.0.0/99", "https://10.1.2.3/", true],
    ["", "https://localhost/", false],
    ["", "https://127.0.0.1:8443/", false],
    ["", "https://[::1]/", false],
    ["", "http://as.example.com/", false],
  ];
  for (const [NO_PROXY, url, byProxy] of rows) {
    const proxy = proxiesOf({ HTTPS_PROXY: PROXY, NO_PROXY })?.(new URL(url));
    assert.equal(proxy !== undefined, byProxy, `${NO_PROXY} ${url}`);
  }
});

test("FC-40 lower case goes first, and a scheme may be left out", () => {
  const url = new URL("https://as.example.com/");
  const found = proxiesOf({ HTTPS_PROXY: PROXY, https_proxy: "other.example:8080" })?.(url);
  assert.deepEqual(found, { protocol: "http:", host: "other.example", port: 8080 });
  assert.equal(proxiesOf({ HTTPS_PROXY: "https://[::1]" })?.(url)?.port, 443);
  assert.equal(proxiesOf({ NO_PROXY: "*", HTTP_PROXY: "" }), undefined);
});

test("FC-40 settings that cannot be used are one sentence without the password", (t) => {
  const folder = dataFolder(t);
  const empty = join(folder, "empty.pem");
  const broken = join(folder, "broken.pem");
  const good = join(folder, "good.pem");
  writeFileSync(empty, "no certificate\n");
  writeFileSync(broken, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  writeFileSync(good, `a comment\n${LOCAL_CERTIFICATE}`);
  const rows: readonly [Record<string, string>, RegExp][] = [
    [{ HTTPS_PROXY: "socks5://me:hush@proxy.example.com" }, /^HTTPS_PROXY does not name an http or https proxy/],
    [{ HTTP_PROXY: "http://me:hush%@proxy.example.com" }, /^HTTP_PROXY: .*%25/],
    [{ COATCHECK_CA_FILE: join(folder, "none.pem") }, /^--ca-file: .*none.pem cannot be read \(ENOENT\)/],
    [{ COATCHECK_CA_FILE: empty }, /^--ca-file: .*empty.pem has no certificate/],
    [{ COATCHECK_CA_FILE: broken }, /^--ca-file: .*broken.pem has a certificate that cannot be read/],
    [{ COATCHECK_PROXY_RESOLVES: "yes" }, /^COATCHECK_PROXY_RESOLVES must be true or false/],
  ];
  for (const [env, said] of rows) {
    const isSaid = (error: Error) =>
      error instanceof ConfigError && said.test(error.message) && !/hush/.test(error.message);
    assert.throws(() => loadEgress({}, env), isSaid);
  }
  const { ca = [], proxyResolves } = loadEgress({ caFile: good }, { COATCHECK_PROXY_RESOLVES: "true" });
  assert.equal([ca].flat().at(-1), LOCAL_CERTIFICATE.trim());
  assert(ca.length > 1, "the usual ones are trusted as before");
  assert.equal(proxyResolves, true);
});
