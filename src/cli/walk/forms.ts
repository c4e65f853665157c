/** How a request can be copied. */
export const FORMS = ["curl", "typescript"] as const;

/** After which step a walk can end. */
export const LAST_STEPS = ["discover", "check", "register", "device", "token", "link", "whoami", "refresh"] as const;
