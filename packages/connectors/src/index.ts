/**
 * From a connection id to a live client or a command-line wrapper, credentials included.
 *
 * @example
 *   await using db = await connect("my-db", { realm: "prod", type: "sqlite3" });
 *   const rows = await db.query("select name from cities where state = ?", { parameters: ["WA"] });
 */
export type { AwsSession } from "./aws/aws.ts";
export type { AwsSessionKeys } from "./aws/aws-session.ts";
export { credentialProcessText } from "./aws/aws-wrapper.ts";
export { applicationName } from "./application-name.ts";
export {
  checkConnection,
  connect,
  connectFiles,
  connectMail,
  connectWith,
  type ConnectOptions,
  connectSql,
} from "./connect.ts";
export { connectCli, type ConnectCliOptions } from "./connect-cli.ts";
export {
  type ConnectionCheck,
  type Connector,
  type ConnectorContext,
  type ConnectorFamily,
  defineConnector,
  type PluginConnector,
  type Wrapper,
  type WrapperContext,
  type WrapperFile,
} from "./connector.ts";
export type {
  AttachedOutput,
  ContainerSpec,
  ContainerSummary,
  DockerClient,
  DockerContainer,
  DockerInfo,
  PullOptions,
  PullProgress,
} from "./docker/client.ts";
export type { DockerServer } from "./docker/docker-server.ts";
export { type ImageReference, imageName, parseImageReference } from "./docker/image-reference.ts";
export type { Attachment, MailClient, MailMessage } from "./email/client.ts";
export type { FileEntry, FileSource, FileTransfer, PutFileOptions } from "./files/file-transfer.ts";
export type { GenericClient } from "./generic.ts";
export type { GitClient } from "./git/git.ts";
export { pythonText } from "./python-text.ts";
export {
  builtinConnectors,
  type ClientOf,
  type ConnectionClient,
  connectorOf,
  isOpenable,
  type OpenableType,
} from "./registry.ts";
export {
  missingS3Object,
  openS3Object,
  putS3File,
  setS3Encoding,
  statS3Object,
  toS3Location,
  type S3Location,
} from "./s3-file.ts";
export { uploadS3File } from "./s3-upload.ts";
export { type ListedObject, listS3Objects } from "./s3-list.ts";
export type { SharePointClient } from "./sharepoint/sharepoint-client.ts";
export {
  columnNames,
  type ListChange,
  type ListColumn,
  type RefusedChange,
  type SharePointLists,
} from "./sharepoint/sharepoint-lists.ts";
export { type SlackMessage, type SlackStyle } from "./slack/message.ts";
export type { SlackClient } from "./slack/slack.ts";
export type {
  CopyOptions,
  RowSchema,
  ServerInfo,
  SqlClient,
  SqlColumn,
  SqlCopyClient,
  SqlCopyInClient,
  SqlOptions,
  SqlParameters,
  SqlResult,
  SqlRow,
  SqlValue,
  StreamOptions,
} from "./sql/client.ts";
export type { ExecOptions, RemoteResult, RemoteShell } from "./ssh/remote-shell.ts";
export { s3AccessKeys, type S3AccessKeys, s3Region } from "./sql/s3-access-keys.ts";
export { checkBucketSecurity } from "./s3-bucket-security.ts";
export { postgresTextReader } from "./sql/postgres/postgres-values.ts";
