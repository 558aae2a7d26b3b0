/** One process of a job (WK-103..110). */
export interface ProcessOptions {
  /** Program and arguments; no shell. A bare name is looked up in PATH of `env` (T-60). */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  /** File that takes stdout, truncated first. */
  readonly stdout: string;
  /** File that takes stderr, truncated first. */
  readonly stderr: string;
  /** Text for stdin; empty by default. */
  readonly input?: string;
}

/** How a process ended. */
export interface ProcessResult {
  /** As Python has it: 0..255, `-<n>` for a death by signal n, 28 for a timeout (WK-104, WK-106). */
  readonly exit_status: number;
  /** Null when it ended well; else `Failed with exit status 3`, `Timed out after 600.0 seconds`. */
  readonly error: string | null;
  /** Head (or tail) of stderr for the event, null when empty (WK-107). */
  readonly stderrText: string | null;
}
