/** Version of the framework: part of the fingerprint of every build. */
export const FRAMEWORK_VERSION = "9.0.0";
