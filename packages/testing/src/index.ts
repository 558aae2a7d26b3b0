/** Helpers for tests: an endpoint, a realm on it, a project in a folder, a clock, real servers; all `await using`. */
export { type EmulatedAws, emulatedAws, type EmulatedAwsOptions } from "./aws.ts";
export type { Mail } from "@lava/local-aws";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { generalize, type RunSample, sampleRun, type SampleRunOptions } from "./golden/index.ts";
export {
  type PluginRealm,
  pluginRealm,
  type PluginRealmOptions,
  type PluginWorkerOptions,
} from "./plugin-realm.ts";
export {
  checkHistory,
  formatViolation,
  type Guarantee,
  type History,
  listAllRuns,
  type Mark,
  markPayload,
  type Observation,
  observe,
  properties as guaranteeProperties,
  type Property,
  readHistory,
  type ReadHistoryOptions,
  readMarks,
  type Violation,
} from "./history/index.ts";
export { packPackages, type PackOptions } from "./pack-packages.ts";
export { type ProjectDir, projectDir, type ProjectFiles } from "./project-dir.ts";
export { type EmulatedRealm, emulatedRealm, type EmulatedRealmOptions } from "./realm.ts";
export { startDockerRegistry, type TestRegistry } from "./servers/docker-registry.ts";
export { startDockerd, type TestDockerd } from "./servers/dockerd.ts";
export { findServerProgram } from "./servers/find-program.ts";
export { freePort } from "./servers/free-port.ts";
export { type MariadbOptions, startMariadb } from "./servers/mariadb.ts";
export {
  type MssqlDouble,
  type MssqlDoubleOptions,
  startMssqlDouble,
} from "./servers/mssql/mssql-double.ts";
export { namedServer } from "./servers/sql-server.ts";
export { type PostgresOptions, startPostgres } from "./servers/postgres.ts";
export { type TestCertificate, selfSignedCertificate } from "./servers/self-signed.ts";
export type { TestSqlServer } from "./servers/sql-server.ts";
export {
  type ProgramOptions,
  type ProgramUser,
  type RunningProgram,
  startProgram,
} from "./servers/start-program.ts";
export { startSamba, type TestSamba } from "./servers/samba.ts";
export {
  type ScriptedFault,
  type SharePointDouble,
  type SharePointSecrets,
  startSharePointDouble,
} from "./servers/sharepoint-double.ts";
export { type ReceivedMail, type SmtpOptions, startSmtp, type TestSmtp } from "./servers/smtp.ts";
export { startSshd, type TestSshd } from "./servers/sshd.ts";
export type { TestServer } from "./servers/test-server.ts";
export { unprivilegedUser } from "./servers/unprivileged-user.ts";
