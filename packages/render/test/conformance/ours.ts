import { LavaError } from "@lava/core";
import { createRenderer } from "../../src/index.ts";
import { loadContext, loadTemplate } from "../load-context.ts";
import type { Case, Outcome } from "./oracle.ts";

const plain = createRenderer({ loader: loadTemplate });

/** What lava makes of a template. */
export function ours({ template, templates, options }: Case): Outcome {
  const own =
    Object.keys(templates).length === 0 && Object.keys(options).length === 0
      ? plain
      : createRenderer({
          ...options,
          loader: (name) =>
            Object.hasOwn(templates, name)
              ? { name, source: templates[name] ?? "" }
              : loadTemplate(name),
        });
  try {
    return { text: own.render(template, loadContext()) };
  } catch (error) {
    if (!(error instanceof LavaError)) {
      return { error: `BUG: ${error instanceof Error ? error.stack : String(error)}`, type: "BUG" };
    }
    const cause: unknown = error.cause;
    const type =
      typeof cause === "object" && cause !== null && "type" in cause
        ? String(cause.type)
        : cause instanceof Error
          ? cause.constructor.name
          : "";
    return { error: error.issues[0]?.message ?? error.message, type };
  }
}

/** Addresses differ from run to run. */
const steady = (text: string): string => text.replace(/0x[0-9a-f]{6,}/g, "0x");

/** Whether two outcomes are the same to the character, addresses left out. */
export function same(left: Outcome, right: Outcome): boolean {
  if ("slow" in left || "slow" in right) return true;
  // An include without context in a macro makes Jinja's macro a generator: here it prints what is included.
  if ("text" in right && right.text.includes("<generator object root")) return true;
  if ("text" in left) return "text" in right && steady(left.text) === steady(right.text);
  return "error" in right && steady(left.error) === steady(right.error);
}
