/** Multipart uploads, loaded on first use. */
export { Upload } from "@aws-sdk/lib-storage";
