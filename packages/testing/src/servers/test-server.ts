/** A real server that runs for the time of a test, in a private folder, reached by nobody else. */
export interface TestServer extends AsyncDisposable {
  /** Its program: `dockerd`. */
  readonly name: string;
  /** Private folder of its data; removed with it. */
  readonly folder: string;
  /** What its clients find it by. */
  readonly env: Readonly<Record<string, string>>;
}
