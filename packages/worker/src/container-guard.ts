import type { DockerServer } from "@lava/connectors";

/** A container of a job, and where its daemon is. */
export interface GuardedContainer {
  readonly server: DockerServer;
  readonly name: string;
}

/** Who is told about the containers of jobs: the watchdog, which removes those of a dead or frozen worker. */
export interface ContainerListener {
  added(container: GuardedContainer): void;
  removed(name: string): void;
}

/** The containers that jobs of this worker have now. */
export interface ContainerGuard {
  /** To be called before the container is made, so that there is no moment in which nobody would remove it. */
  add(container: GuardedContainer): void;
  /** The container is gone. */
  end(name: string): void;
  list(): readonly GuardedContainer[];
}

/** An empty set of containers that reports to `listener`. */
export function createContainerGuard(listener?: ContainerListener): ContainerGuard {
  const containers = new Map<string, GuardedContainer>();
  return {
    add(container) {
      containers.set(container.name, container);
      listener?.added(container);
    },
    end(name) {
      if (containers.delete(name)) listener?.removed(name);
    },
    list: () => [...containers.values()],
  };
}
