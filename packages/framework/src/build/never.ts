/** An input that is never as it was: what depends on it is built anew. */
export const NEVER = "@never";
