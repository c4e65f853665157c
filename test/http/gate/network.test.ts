import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf, plainAddress } from "../../../src/http/gate/network.ts";

test("limits count by an IPv4 address, or by the /64 of an IPv6 one, however it is written", () => {
  assert.equal(networkOf("192.0.2.7"), "192.0.2.7");
  const same = ["2001:db8::1", "2001:0db8:0:0::ffff", "2001:DB8:0:0:1:2:3:4", "2001:db8:0:0::"];
  for (const address of same) assert.equal(networkOf(address), "2001:db8:0:0::/64", address);
  assert.notEqual(networkOf("2001:db8:0:1::1"), networkOf("2001:db8::1"));
  assert.equal(networkOf("::1"), "0:0:0:0::/64");
});

test("an address is shown plainly", () => {
  assert.equal(plainAddress("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(plainAddress("fe80::1%eth0"), "fe80::1");
  assert.equal(plainAddress(undefined), "local");
});
