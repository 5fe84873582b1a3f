/** Return whether a link may be shown: https only, so that no script or look-alike scheme runs. */
export function isSafeLink(link: string): boolean {
  try {
    return new URL(link).protocol === "https:";
  } catch {
    return false;
  }
}

/** Return the payment page's address if the browser may go there: https, or the test page on this machine. */
export function checkoutTarget(link: string): string | null {
  try {
    const url = new URL(link, window.location.origin);
    const isLocal = ["127.0.0.1", "localhost", window.location.hostname].includes(url.hostname);
    return url.protocol === "https:" || (url.protocol === "http:" && isLocal) ? url.href : null;
  } catch {
    return null;
  }
}
