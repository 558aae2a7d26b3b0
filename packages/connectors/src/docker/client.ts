import type { DockerServer } from "./docker-server.ts";

/** A docker daemon, with a login at a registry. */
export interface DockerClient extends AsyncDisposable {
  /** Where the daemon is, for whoever has to reach it without this client. */
  readonly server: DockerServer;
  /** The registry that the connection has a login for. */
  readonly registry: string | undefined;
  /** What the daemon says of itself. */
  info(): Promise<DockerInfo>;
  /**
   * Fetches an image; `registry[:port]/name[:tag][@digest]`. The login goes to its own registry and to no other one.
   *
   * @throws {LavaError} BAD_PAYLOAD, DOCKER_FAILED with `data.status`, the daemon's HTTP status, where it has one
   */
  pull(image: string, options?: PullOptions): Promise<void>;
  /** Asks for fresh credentials and logs in again. @throws {LavaError} REGISTRY_LOGIN_FAILED */
  login(): Promise<void>;
  /** Makes a container; it does not run yet. @throws {LavaError} DOCKER_FAILED */
  create(spec: ContainerSpec): Promise<DockerContainer>;
  /** Containers that have all these labels, running or not. */
  list(labels: Readonly<Record<string, string>>): Promise<readonly ContainerSummary[]>;
  /** Kills and removes a container by id or name; one that is not there is no fault. */
  remove(container: string): Promise<void>;
}

/** What a daemon says of itself. */
export interface DockerInfo {
  readonly name: string;
  readonly version: string;
  /** Folder of its images and containers, on its own host. */
  readonly rootDir: string;
}

/** Options of {@link DockerClient.pull}. */
export interface PullOptions {
  /** Called with each line of the daemon. */
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How far a pull is. */
export interface PullProgress {
  /** `Downloading`, `Pull complete`... */
  readonly status: string;
  /** Layer, where the line is about one. */
  readonly layer: string | undefined;
  /** Bytes. */
  readonly current: number | undefined;
  readonly total: number | undefined;
}

/** A container to be made. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  /** The image's own when absent. */
  readonly command?: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Further members of the API's container configuration: `User`, `WorkingDir`... */
  readonly config: Readonly<Record<string, unknown>>;
  /** Members of the API's `HostConfig`. */
  readonly hostConfig: Readonly<Record<string, unknown>>;
}

/** A container as lists show it. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  /** `created`, `running`, `exited`... */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Output on its way. */
export interface AttachedOutput {
  /** Resolves when the container has ended and all that it printed was written. */
  readonly ended: Promise<void>;
}

/** One container. Faults are LavaErrors DOCKER_FAILED. */
export interface DockerContainer {
  readonly id: string;
  start(): Promise<void>;
  /** Waits for its end, also over a restart of the daemon; its exit status. */
  wait(signal?: AbortSignal): Promise<number>;
  /** TERM, and KILL after `graceSeconds`; one that does not run is no fault. */
  stop(graceSeconds: number): Promise<void>;
  /** Kills and removes it, with its anonymous volumes. */
  remove(): Promise<void>;
  /**
   * Has what it prints written to `output`, stdout and stderr as they come; `output` stays open. To be called before
   * {@link start}, so that nothing is missed: a log that is read later may end before the container's last words.
   */
  attach(output: NodeJS.WritableStream): Promise<AttachedOutput>;
  /** Whether the kernel killed it for want of memory. */
  wasOutOfMemory(): Promise<boolean>;
}
