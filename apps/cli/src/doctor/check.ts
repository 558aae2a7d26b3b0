/** What `lava doctor` found about one thing. */
export interface Check {
  readonly name: string;
  /** `failed`: a worker cannot do its work; `warning`: some jobs cannot; `skipped`: it could not be looked at. */
  readonly status: "ok" | "warning" | "failed" | "skipped";
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}
