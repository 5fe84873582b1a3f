/** The aid chain as people read it: one line per promise or report, with what followed from it. */

export interface ChainEntry {
  id: string;
  kind: { code: string; label: string };
  amountFen: number;
  effectiveOn: string;
  recordedAt: string;
  ofEntryId: string | null;
}

export interface ChainLine<Entry extends ChainEntry> {
  entry: Entry;
  followUps: Entry[];
  /** What still counts against the need: less releases and reversals; a payment adds nothing. */
  activeFen: number;
  /** Paid less what was taken back of the payments. */
  paidFen: number;
}

const byTime = (a: ChainEntry, b: ChainEntry) =>
  a.effectiveOn.localeCompare(b.effectiveOn) || a.recordedAt.localeCompare(b.recordedAt);

/** Return the lines, newest first; an entry whose origin is out of sight stands on its own. */
export function chainLines<Entry extends ChainEntry>(entries: readonly Entry[]): ChainLine<Entry>[] {
  const byId = new Map(entries.map((each) => [each.id, each]));
  const rootOf = (entry: Entry): Entry => {
    let at = entry;
    const seen = new Set<string>();
    while (at.ofEntryId && byId.has(at.ofEntryId) && !seen.has(at.id)) {
      seen.add(at.id);
      at = byId.get(at.ofEntryId)!;
    }
    return at;
  };
  const lines = new Map<string, ChainLine<Entry>>();
  for (const entry of [...entries].sort(byTime)) {
    const root = rootOf(entry);
    const line = lines.get(root.id) ?? { entry: root, followUps: [], activeFen: 0, paidFen: 0 };
    lines.set(root.id, line);
    if (entry.id !== root.id) line.followUps.push(entry);
    count(line, entry, byId);
  }
  return [...lines.values()].sort((a, b) => byTime(b.entry, a.entry));
}

function count<Entry extends ChainEntry>(line: ChainLine<Entry>, entry: Entry, byId: Map<string, Entry>): void {
  const of = entry.ofEntryId ? byId.get(entry.ofEntryId)?.kind.code : undefined;
  switch (entry.kind.code) {
    case "promise":
      line.activeFen += entry.amountFen;
      break;
    case "reported":
      line.activeFen += entry.amountFen;
      line.paidFen += entry.amountFen;
      break;
    case "payment":
      line.paidFen += entry.amountFen;
      break;
    case "release":
      line.activeFen -= entry.amountFen;
      break;
    case "reversal":
      if (of === "payment") line.paidFen -= entry.amountFen;
      else if (of === "release") line.activeFen += entry.amountFen;
      else line.activeFen -= entry.amountFen;
      if (of === "reported") line.paidFen -= entry.amountFen;
  }
}
