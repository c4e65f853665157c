/** The first is for those who prefer none of them. */
export const WALK_LANGUAGES = ["en", "de", "fr"] as const;
export type WalkLanguage = (typeof WALK_LANGUAGES)[number];
