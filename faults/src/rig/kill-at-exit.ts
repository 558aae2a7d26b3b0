import type { ChildProcess } from "node:child_process";

/** A process of the rig does not outlive it, however the rig ends (a kill -9 of the rig aside). */
export function killAtExit(child: ChildProcess): void {
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
}
