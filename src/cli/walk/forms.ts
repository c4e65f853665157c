/** How a request can be copied. */
export const FORMS = ["curl", "typescript"] as const;
