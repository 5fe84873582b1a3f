/** Keys that make a repeated request count once: one key per intention of the user. */
export class Intents {
  private open: { what: string; key: string } | null = null;
  private readonly makeKey: () => string;

  constructor(makeKey: () => string = randomKey) {
    this.makeKey = makeKey;
  }

  /** Return the key for this request: the last one again, if it was the same request and got no answer. */
  keyFor(what: string): string {
    if (this.open?.what !== what) this.open = { what, key: this.makeKey() };
    return this.open.key;
  }

  /** The server answered, yes or no: the next click is a new intention. */
  settle(): void {
    this.open = null;
  }
}

/** Return a random UUID; also where crypto.randomUUID is missing because the page has no TLS. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
