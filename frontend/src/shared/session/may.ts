/** Return whether any of the permissions is held. */
export function may(permissions: readonly string[] | undefined, ...wanted: string[]): boolean {
  return wanted.some((each) => permissions?.includes(each) ?? false);
}

/** Send the reader to the server's log-in page and back to where he was. */
export function goToLogin(): void {
  window.location.assign(`/login/?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);
}
