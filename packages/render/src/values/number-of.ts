import { FloatValue } from "@lava/core";
import type { Value } from "./value.ts";

/** A number as JS has it; undefined for what is none. A float says so. */
export function numberOf(
  value: Value,
): { kind: "int"; value: bigint | number } | { kind: "float"; value: number } | undefined {
  if (typeof value === "boolean") return { kind: "int", value: value ? 1 : 0 };
  if (typeof value === "bigint") return { kind: "int", value };
  if (typeof value === "number") {
    return Number.isInteger(value) ? { kind: "int", value } : { kind: "float", value };
  }
  return value instanceof FloatValue ? { kind: "float", value: value.value } : undefined;
}
