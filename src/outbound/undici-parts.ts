/** A file of its own, so that it can be loaded later: in a bundle a package alone would have no names. */
export { buildConnector, Client } from "undici";
