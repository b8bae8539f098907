/** Whether an object comes from an API server, which has filled in what its manifest leaves out. */

export function isStored({
  metadata,
}: {
  readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string } | null;
}): boolean {
  return Boolean(metadata?.uid || metadata?.resourceVersion);
}
