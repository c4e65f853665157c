import assert from "node:assert/strict";
import { test } from "node:test";
import { forwardedAddress, networkOf, plainAddress } from "../../../src/http/gate/network.ts";

test("ST-4 limits count by an IPv4 address, or by the /56 of an IPv6 one, however it is written", () => {
  assert.equal(networkOf("192.0.2.7"), "192.0.2.7");
  const same = ["2001:db8::1", "2001:0db8:0:0::ffff", "2001:DB8:0:0:1:2:3:4", "2001:db8:0:0::", "2001:db8:0:ff::1"];
  for (const address of same) assert.equal(networkOf(address), "2001:db8:0:0::/56", address);
  assert.equal(networkOf("2001:db8:0:1234::1"), "2001:db8:0:1200::/56");
  assert.equal(networkOf("::1"), "0:0:0:0::/56");
});

test("ST-24 proxies write addresses with and without a port; anything else is none", () => {
  const same = { "192.0.2.7": ["192.0.2.7", "192.0.2.7:5678", " ::ffff:192.0.2.7 ", "[::ffff:192.0.2.7]:1"] };
  const six = { "2001:db8::1": ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:99", "2001:db8::1%eth0"] };
  for (const [address, spellings] of Object.entries({ ...same, ...six })) {
    for (const spelling of spellings) assert.equal(forwardedAddress(spelling), address, spelling);
  }
  const none = ["", "unknown", "_hidden", "192.0.2.7:", "192.0.2.7:x", "192.0.2:80", "2001:db8::1]:99", "[x]:1", "a:1"];
  for (const entry of none) assert.equal(forwardedAddress(entry), undefined, entry);
});

test("an address is shown plainly", () => {
  assert.equal(plainAddress("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(plainAddress("fe80::1%eth0"), "fe80::1");
  assert.equal(plainAddress(undefined), "local");
});
