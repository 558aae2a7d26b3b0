/** Where output of processes goes in dev mode (WK-145). */
export interface OutputSinks {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}
