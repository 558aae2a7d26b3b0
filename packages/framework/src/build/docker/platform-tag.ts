/** The tag of an image's part for one platform: `linux-arm64` of `linux/arm64` (FW-193). */
export function platformTag(platform: string): string {
  return platform.replaceAll("/", "-");
}
