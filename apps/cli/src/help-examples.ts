/** The part of a command's help that shows how it is used: pairs of command line and what it does. */
export function helpExamples(
  ...examples: readonly (readonly [command: string, effect: string])[]
): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  const lines = examples.map(([command, effect]) => `  ${command.padEnd(width)}  ${effect}`);
  return `\nExamples:\n${lines.join("\n")}`;
}
