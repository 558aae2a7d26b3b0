/**
 * Messages for each instance, to one decimal, a half to the even side as Python rounds (LAM-303). Undefined without an
 * instance.
 */
export function backlogOf(messages: number, instances: number): number | undefined {
  if (instances <= 0) return undefined;
  const backlog = messages / instances;
  // Only quarters have a tenth exactly between two.
  if (!Number.isInteger(backlog * 4) || Number.isInteger(backlog * 2)) {
    return Number(backlog.toFixed(1));
  }
  const below = Math.floor(backlog * 10);
  return (below % 2 === 0 ? below : below + 1) / 10;
}
