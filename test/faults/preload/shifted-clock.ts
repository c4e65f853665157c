/** Loaded into a broker before it starts: its wall clock is ahead by the milliseconds that the file FAULT_CLOCK says now. */
import { readFileSync } from "node:fs";

const file = process.env.FAULT_CLOCK ?? "";
const right = Date.now;

Date.now = () => right() + Number(readFileSync(file, "utf8"));
