import { join } from "node:path";

/** The program as it is in a clone. */
export const CLONE = join(import.meta.dirname, "../../bin/coatcheck.js");

/**
 * The program that tests start: in the suite the package as it is published, made once beforehand (built-once.ts), which
 * starts in half the processor time; a test file that is run by itself has the clone's.
 */
export const BIN = process.env.COATCHECK_BUILT ?? CLONE;
