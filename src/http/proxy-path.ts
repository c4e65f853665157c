/** Requests below this are passed on; they may last as long as bytes move. */
export const PROXY = "/session/proxy/";
