import type { Readable } from "node:stream";

/** A file or a directory of the other side. */
export interface FileEntry {
  /** Last part of its path. */
  readonly name: string;
  readonly type: "file" | "directory" | "other";
  /** Bytes; 0 for directories. */
  readonly size: number;
  /** Milliseconds, where the other side tells. */
  readonly modified: number | undefined;
}

/** Content to be stored: text, bytes, a file of this machine, or what a stream gives. */
export type FileSource =
  | string
  | Uint8Array
  | { readonly file: string }
  | AsyncIterable<Uint8Array>
  | Readable;

/** Options of {@link FileTransfer.put}. */
export interface PutFileOptions {
  /** Makes the missing directories of the path. */
  readonly createDirs?: boolean;
  /** Stops the transfer; what was stored of the file by then is removed. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Files of another machine: sftp, scp, smb and sharepoint connections. Paths are written with `/`. For smb the first
 * part of a path is the share, for sharepoint the document library; for the ssh family a path that does not begin
 * with `/` starts in the user's home.
 *
 * Faults: NO_SUCH_FILE, IS_A_DIRECTORY, FILE_EXISTS, FILE_ACCESS_DENIED, TRANSFER_FAILED for all else;
 * CONNECTION_LOST when the other side goes away.
 */
export interface FileTransfer extends AsyncDisposable {
  /** What is directly in a directory, by name. */
  list(path: string): Promise<FileEntry[]>;
  /** Undefined when there is nothing. */
  stat(path: string): Promise<FileEntry | undefined>;
  /** The content of a file. Read it to its end, or destroy it; one that breaks off ends with an error. */
  get(path: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Readable>;
  /** Stores a file in the place of one that is there. A source that fails leaves no part of it behind. */
  put(
    path: string,
    source: FileSource,
    options?: PutFileOptions,
  ): Promise<{ readonly size: number }>;
  /** Deletes a file or an empty directory. */
  delete(path: string): Promise<void>;
  /** Gives a file or a directory another path, where nothing may be yet. */
  rename(from: string, to: string): Promise<void>;
  /** Makes a directory and those above it; no fault if it is there. */
  mkdir(path: string): Promise<void>;
}
