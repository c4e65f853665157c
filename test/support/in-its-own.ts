import type { TestContext } from "node:test";

/** One run of a property with its own servers, closed at its end; a failure is the property's to tell, with its example. */
export async function inItsOwn(t: TestContext, run: (t: TestContext) => Promise<void>): Promise<void> {
  let failure: unknown;
  await t.test("a run", (inner) =>
    run(inner).catch((error: unknown) => {
      failure = error;
    }),
  );
  if (failure !== undefined) throw failure;
}
