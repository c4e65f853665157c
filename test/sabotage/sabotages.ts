/** One place in the product, and what stands there instead. Every occurrence is replaced. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A fault that somebody could build in, and the tests that must notice it. */
export interface Sabotage {
  /** Up to X18 as in the fault specification. */
  readonly id: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** At least one test in each of these files must turn red. */
  readonly tests: readonly string[];
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    id: "X01",
    what: "no lease: whoever wants a row takes it",
    edits: [
      {
        file: "src/store/sqlite/sql.ts",
        find: "WHERE id = :id AND (claim IS NULL OR claim_until <= :now) RETURNING *",
        replace: "WHERE id = :id AND :now IS NOT NULL RETURNING *",
      },
      { file: "src/store/sqlite/sql.ts", find: ".claim_until, 0)", replace: ".claim_until, 0) * 0" },
    ],
    tests: ["test/store/sqlite.test.ts", "test/model/model.test.ts"],
  },
  {
    id: "X02",
    what: "a lease of 1 s that is not renewed",
    edits: [
      { file: "src/broker/process/lease.ts", find: "LEASE_MS = 20_000", replace: "LEASE_MS = 1_000" },
      { file: "src/broker/process/lease.ts", find: "FENCE_MS = 5_000", replace: "FENCE_MS = 0" },
      { file: "src/broker/process/lease.ts", find: "void this.#renew();", replace: "void this.#renew;" },
    ],
    tests: ["test/broker/attempt/lease.test.ts"],
  },
  {
    id: "X03",
    what: "an answer counts by the lease it was obtained under, not by its lineage",
    edits: [
      {
        file: "src/broker/attempt/of-credential.ts",
        find: 'const by = meaning.kind === "refused" ? { claim } : fence;',
        replace: "const by = { claim };",
      },
    ],
    tests: ["test/broker/attempt/keep-late.test.ts"],
  },
  {
    id: "X04",
    what: "an answer counts only if nothing in its row has changed",
    edits: [
      {
        file: "src/broker/attempt/of-credential.ts",
        find: 'const by = meaning.kind === "refused" ? { claim } : fence;',
        replace: "const by = { claim, revision: row.revision };",
      },
    ],
    tests: ["test/broker/attempt/keep-late.test.ts"],
  },
  {
    id: "X05",
    what: "an answer is judged before it is in escrow",
    edits: [
      {
        file: "src/broker/attempt/token-request.ts",
        find: "if (!(answer instanceof TransportError)) await keep?.(answer);",
        replace: "void keep;",
      },
    ],
    tests: ["test/broker/attempt/crash.test.ts"],
  },
  {
    id: "X06",
    what: "a write is answered before it is committed",
    edits: [
      {
        file: "src/broker/attempt/redeem.ts",
        find: "const stored = await store(context, claimed, redemption, made, inEscrow);",
        replace: "const stored = true; void store(context, claimed, redemption, made, inEscrow);",
      },
    ],
    tests: ["test/model/model.test.ts"],
  },
  {
    id: "X07",
    what: "SQLite with synchronous = NORMAL",
    edits: [
      {
        file: "src/store/sqlite/database.ts",
        find: "PRAGMA synchronous = FULL",
        replace: "PRAGMA synchronous = NORMAL",
      },
    ],
    tests: ["test/store/sqlite.test.ts"],
  },
  {
    id: "X08",
    what: "a caller that hangs up aborts what it had asked for",
    edits: [
      {
        file: "src/compose/serve.ts",
        find: "  const { addresses, ...ways } = await openWaysIn(",
        replace: `  app.server.on("connection", (socket) => {
    socket.once("close", () => context.calls.forEach((call) => call.abort()));
  });
  const { addresses, ...ways } = await openWaysIn(`,
      },
    ],
    tests: ["test/broker/attempt/refresh.test.ts"],
  },
  {
    id: "X09",
    what: "slow_down is not persisted",
    edits: [
      {
        file: "src/credential/poll.ts",
        find: "return { ...state, interval, unanswered: 0,",
        replace: "return { ...state, unanswered: 0,",
      },
    ],
    tests: ["test/credential/transitions.test.ts", "test/broker/attempt/device-polling.test.ts"],
  },
  {
    id: "X10",
    what: "a token is presented again while its owner may live",
    edits: [
      {
        file: "src/store/sqlite/sql.ts",
        find: "claim_until <= :now) RETURNING *",
        replace: "claim_until <= :now + 18000) RETURNING *",
      },
      {
        file: "src/store/sqlite/sql.ts",
        find: ".claim_until, 0)",
        replace: ".claim_until, 0) - 18000",
      },
    ],
    tests: ["test/store/sqlite.test.ts", "test/model/model.test.ts"],
  },
  {
    id: "X11",
    what: "5xx is terminal",
    edits: [
      {
        file: "src/protocol/response/failure.ts",
        find: "  const known = response.status >= 500 && response.status < 600;",
        replace: `  if (response.status >= 500)
    return { kind: "refused", error: { code: "invalid_grant", providerCode: "invalid_grant" } };
  const known = response.status >= 500 && response.status < 600;`,
      },
    ],
    tests: ["test/protocol/response/token-response.test.ts", "test/broker/attempt/refresh.test.ts"],
  },
  {
    id: "X12",
    what: "invalid_client is terminal",
    edits: [
      {
        file: "src/credential/verdict.ts",
        find: "if (STANDARD.has(code)) return",
        replace: 'if (STANDARD.has(code) || code === "invalid_client") return',
      },
    ],
    tests: ["test/credential/transitions.test.ts", "test/broker/attempt/refresh.test.ts"],
  },
  {
    id: "X13",
    what: "associated data without the record's id",
    edits: [
      {
        file: "src/seal/envelope.ts",
        find: "[deploymentId, mount, kind, id, name, field]",
        replace: "[deploymentId, mount, kind, name, field]",
      },
    ],
    tests: ["test/seal/seal.test.ts"],
  },
  {
    id: "X14",
    what: "redirects are followed",
    edits: [
      {
        file: "src/outbound/guarded-fetch.ts",
        find: "    const data = await Answer.to(client, request, signal, () => void client.destroy(OVER));",
        replace: `    const data = await Answer.to(client, request, signal, () => void client.destroy(OVER));
    const { location } = data.headers;
    if (typeof location === "string") {
      await data.return();
      return await pass(door, new URL(location, target.url).href, init);
    }`,
      },
    ],
    tests: ["test/outbound/guarded-fetch.test.ts", "test/broker/attempt/refresh.test.ts"],
  },
  {
    id: "X15",
    what: "addresses are checked only where a name is looked up",
    edits: [
      {
        file: "src/outbound/target.ts",
        find: "  if (isHostNamed) return target;",
        replace: "  if (isHostNamed || isLiteral(host)) return target;",
      },
      {
        file: "src/outbound/target.ts",
        find: "return remoteAddress !== undefined && (policy.hosts.has(host) || addressAllowed(policy, remoteAddress));",
        replace: "return remoteAddress !== undefined || policy.hosts.has(host);",
      },
    ],
    tests: ["test/outbound/target.test.ts", "test/outbound/guarded-fetch.test.ts"],
  },
  {
    id: "X16",
    what: "audit after the answer: it leaves, whether its record was taken or not",
    edits: [
      {
        file: "src/http/gate/audit.ts",
        find: "done(null, problem === undefined ? payload : refusal(request, reply, payload));",
        replace: "done(null, payload);",
      },
    ],
    tests: ["test/http/access/audit.test.ts"],
  },
  {
    id: "X17",
    what: "restore guard off: a copy refreshes like the original",
    edits: [
      {
        file: "src/broker/record/owner.ts",
        find: "  if (reason !== undefined) life.copy = reason;",
        replace: "  if (reason !== undefined) delete life.copy;",
      },
    ],
    tests: ["test/broker/restored-copy.test.ts"],
  },
  {
    id: "X18",
    what: "the wall clock for leases",
    edits: [{ file: "src/broker/process/lease.ts", find: "clock.monotonic()", replace: "clock.wall()" }],
    tests: ["test/broker/attempt/lease.test.ts"],
  },
  {
    id: "X19",
    what: "the claim of escrow is dropped: an answer counts as somebody else's change of its row",
    edits: [
      {
        file: "src/store/forwarding.ts",
        find: "return this.#store.escrow(answer);",
        replace: "return this.#store.escrow({ id: answer.id, by: answer.by, sealed: answer.sealed });",
      },
    ],
    tests: [
      "test/store/wrapped.test.ts",
      "test/broker/attempt/classification.test.ts",
      "test/broker/instances.test.ts",
    ],
  },
  {
    id: "X20",
    what: "a delete without its revision: tokens that came meanwhile vanish with the row",
    edits: [
      {
        file: "src/broker/credential/delete-credential.ts",
        find: "context.store.remove(row)",
        replace: "context.store.remove({ id: row.id })",
      },
    ],
    tests: ["test/broker/instances.test.ts"],
  },
  {
    id: "X21",
    what: "a revocation without the revision of what it replaces: tokens that came meanwhile stay alive",
    edits: [
      {
        file: "src/broker/credential/delete-credential.ts",
        find: "{ id: row.id, revision: row.revision }",
        replace: "{ id: row.id }",
      },
    ],
    tests: ["test/broker/instances.test.ts"],
  },
  {
    id: "X22",
    what: "no door: a copy of a store sends what it is asked to send",
    edits: [
      {
        file: "src/broker/process/door.ts",
        find: 'if (life.copy !== undefined) throw new TransportError("restored_copy", false);',
        replace: "",
      },
    ],
    tests: ["test/broker/restored-copy.test.ts"],
  },
  {
    id: "X23",
    what: "news is taken from the store before its deliveries are in it: a crash in between loses it",
    edits: [
      {
        file: "src/broker/webhook/spread.ts",
        find: "context.store.write({ ...first, beside }, { id, revision })",
        replace:
          "context.store.remove({ id, revision }).then((gone) => gone && context.store.write({ ...first, beside }, { absent: true }))",
      },
    ],
    tests: ["test/model/model.test.ts"],
  },
  {
    id: "X24",
    what: "an attempt is not written down with what came of it",
    edits: [
      {
        file: "src/broker/record/commit.ts",
        find: "history: withEntry(openHistory(context, row), entry(context, attempt.kind, attemptOf(attempt.event))),",
        replace: "history: openHistory(context, row),",
      },
    ],
    tests: ["test/broker/history.test.ts"],
  },
];
