import * as z from "zod";

/**
 * How a field is read from a stored record or a message, where that differs from how it must be written: the
 * original's own conversion and the original's own text for what it refuses.
 */
export interface LenientRule {
  /** Converts the value, or tells what is wrong with it. Without it the value's schema decides. */
  readonly read?: (value: unknown) => LenientResult;
  /** The original's whole message for a value that the schema refuses. */
  readonly refusal?: (value: unknown) => string;
}

/** A converted value, or the whole message of what is wrong. */
type LenientResult = { readonly value: unknown } | { readonly fault: string };

/** The rules of the schemas that have one. */
export const lenientRules = z.registry<LenientRule>();
