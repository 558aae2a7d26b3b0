/**
 * The original's check of a map's keys: its text for what is wrong, or undefined (JOB-all-01). Without `optional`,
 * other keys are allowed. `ignore` takes keys out of the check.
 */
export function checkKeys(
  map: Readonly<Record<string, unknown>>,
  required: readonly string[],
  optional?: readonly string[],
  ignore: (key: string) => boolean = () => false,
): string | undefined {
  const keys = Object.keys(map).filter((key) => !ignore(key));
  const missing = required.filter((key) => !keys.includes(key));
  if (missing.length > 0) return `Missing keys: ${inOrder(missing)}`;
  if (optional === undefined) return undefined;
  const unexpected = keys.filter((key) => !required.includes(key) && !optional.includes(key));
  return unexpected.length > 0 ? `Unexpected keys: ${inOrder(unexpected)}` : undefined;
}

/** Sorted as Python sorts text: by code point. */
function inOrder(keys: readonly string[]): string {
  return [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join(", ");
}
