"""Compiled loops: the exact subproblem of one need, the pricing of all needs, and the sweeps that
put grants into capacities. Few and long-lived: their machine code is cached on disk."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from matching.engine.problem import Bools, Floats, Ints


class Table(NamedTuple):
    """One tier, after pins and higher tiers: n needs, p projects, h households, k pairs."""

    start: Ints  # (n+1,)
    project: Ints  # (k,)
    value: Floats  # (k,) value per fen
    bonus: Floats  # (k,) value of the grant as such
    group: Ints  # (k,) number of its (household, project); one slot serves the group
    gap: Ints  # (n,) fen
    first: Ints  # (n,) fen that still earn the fairness value
    fair: Floats  # (n,) fairness value per fen
    funders: Ints  # (n,) how many more projects may join
    household: Ints  # (n,) ascending: needs of one household lie side by side
    lo: Ints  # (p,) fen
    hi: Ints  # (p,) fen
    exclusive: Bools  # (p,)
    house_start: Ints  # (h+1,) household h owns needs house_start[h] : house_start[h + 1]
    cap: Ints  # (h,) fen
    column_start: Ints  # (p+1,)
    column_need: Ints  # (k,) needs by project


class State(NamedTuple):
    """Grants of one tier and what they leave of every capacity."""

    pair: Ints  # (n, 3) pair of each grant, -1 where none
    fen: Ints  # (n, 3)
    budget: Ints  # (p,) fen left
    quota: Ints  # (p,) slots left
    cap: Ints  # (h,) fen left
    served: Ints  # (groups,) grants that use the group's slot


@njit(cache=True)
def _step(r: float, total: int, first: int, fair: float, room: int) -> int:
    """Fen worth adding at ``r`` a fen when ``total`` is already there."""
    if r > 0.0:
        return room
    if r + fair > 0.0:
        return min(room, max(0, first - total))
    return 0


@njit(cache=True)
def _fill(q, count, r, f, lo, hi, gap, first, fair, x):  # type: ignore[no-untyped-def]
    """Best value of funding one need from exactly the ``count`` candidates ``q``; amounts in x."""
    total = 0
    for a in range(count):
        x[a] = lo[q[a]]
        total += x[a]
    if total > gap:
        return -1.0
    for _ in range(count):  # dearest rate first; x >= lo marks the untouched
        best = -1
        for a in range(count):
            if x[a] == lo[q[a]] and hi[q[a]] > lo[q[a]] and (best < 0 or r[q[a]] > r[q[best]]):
                best = a
        if best < 0:
            break
        c = q[best]
        added = _step(r[c], total, first, fair, min(hi[c] - lo[c], gap - total))
        if added == 0:
            break
        x[best] += added
        total += added
    result = fair * min(total, first)
    for a in range(count):
        result += r[q[a]] * x[a] + f[q[a]]
    return result


@njit(cache=True)
def choose(n, r, f, lo, hi, alone, gap, first, fair, funders, w, q, x, out, out_x):  # type: ignore[no-untyped-def]
    """Best way to fund one need from at most ``funders`` of ``n`` candidates, exactly.

    Candidate c costs nothing, earns ``r[c]`` a fen and ``f[c]`` at once, between lo and hi fen.
    A member of a best subset is worth more than 0 alone (concavity), which prunes nearly all.
    Returns (value, count); candidates in ``out``, fen in ``out_x``.
    """
    best = 0.0
    count = 0
    m = 0
    for c in range(n):
        amount = lo[c] + _step(r[c], lo[c], first, fair, hi[c] - lo[c])
        v = r[c] * amount + fair * min(amount, first) + f[c]
        w[c] = v
        if v > best:
            best = v
            count = 1
            out[0] = c
            out_x[0] = amount
        if funders > 1 and v > 0.0 and not alone[c]:
            at = m
            while at > 0 and w[q[at - 1]] < v:
                q[at] = q[at - 1]
                at -= 1
            q[at] = c
            m += 1
    if funders < 2 or m < 2:
        return best, count
    trial = q[n : n + 3]
    for i in range(m):
        a = q[i]
        for j in range(i + 1, m):
            b = q[j]
            if w[a] + w[b] <= best and (funders < 3 or w[a] + 2.0 * w[b] <= best):
                break
            # One that fills the gap at the better rate gains nothing from a fellow without bonus.
            if hi[a] >= gap and r[a] >= r[b] and f[b] <= 0.0:
                continue
            if hi[b] >= gap and r[b] >= r[a] and f[a] <= 0.0:
                continue
            trial[0] = a
            trial[1] = b
            if w[a] + w[b] > best:
                v = _fill(trial, 2, r, f, lo, hi, gap, first, fair, x)
                if v > best:
                    best = v
                    count = 2
                    out[0] = a
                    out[1] = b
                    out_x[0] = x[0]
                    out_x[1] = x[1]
            if funders < 3:
                continue
            for t in range(j + 1, m):
                if w[a] + w[b] + w[q[t]] <= best:
                    break
                trial[0] = a
                trial[1] = b
                trial[2] = q[t]
                v = _fill(trial, 3, r, f, lo, hi, gap, first, fair, x)
                if v > best:
                    best = v
                    count = 3
                    for s in range(3):
                        out[s] = trial[s]
                        out_x[s] = x[s]
    return best, count


@njit(cache=True)
def _ask(t: Table, i, lam, mu, share, nu, cap, r, f, lo, hi, alone, of, w, q, x, pick, pick_x):  # type: ignore[no-untyped-def]
    """Best funding of need ``i`` at the prices alone, into pick and pick_x (-1 ends); its value."""
    gap = min(t.gap[i], cap)
    n = 0
    for k in range(t.start[i], t.start[i + 1]):
        j = t.project[k]
        rate = t.value[k] - lam[j] - nu
        fixed = t.bonus[k] - mu[j] * share[k]
        most = min(t.hi[j], gap)
        if max(rate, 0.0) * most + t.fair[i] * min(most, t.first[i]) + fixed <= 0.0:
            continue  # never worth its price, so never in a best choice
        r[n] = rate
        f[n] = fixed
        lo[n] = t.lo[j]
        hi[n] = most
        alone[n] = t.exclusive[j]
        of[n] = k
        n += 1
    v, count = choose(
        n,
        r,
        f,
        lo,
        hi,
        alone,
        gap,
        t.first[i],
        t.fair[i],
        t.funders[i],
        w,
        q,
        x,
        pick[i],
        pick_x[i],
    )
    use = 0
    for a in range(count):
        pick[i, a] = of[pick[i, a]]
        use += pick_x[i, a]
    if count < 3:
        pick[i, count] = -1
    return v, use


@njit(cache=True)
def price(t: Table, lam, mu, share, nu, surplus, used, slots, active):  # type: ignore[no-untyped-def]
    """Lagrangian bound of the tier at prices ``lam`` (per fen) and ``mu`` (per slot).

    Exact for each need; the household cap is priced by ``nu``, found by bisection where needs of
    one household compete for it. Fills nu (h,), surplus (n,), used fen (p,), slots (p,) and active
    (k,), which is how far each pair was chosen. Valid for any lam, mu >= 0 when ``share`` sums to
    at most 1 within each group: one slot serves all needs of the household in the project.
    """
    widest = 1
    for i in range(len(t.gap)):
        widest = max(widest, t.start[i + 1] - t.start[i])
    r = np.empty(widest)
    f = np.empty(widest)
    lo = np.empty(widest, np.int64)
    hi = np.empty(widest, np.int64)
    alone = np.empty(widest, np.bool_)
    of = np.empty(widest, np.int64)
    w = np.empty(widest)
    q = np.empty(widest + 3, np.int64)
    x = np.empty(3, np.int64)
    pick = np.empty((len(t.gap), 3), np.int64)
    pick_x = np.empty((len(t.gap), 3), np.int64)
    bound = 0.0
    used[:] = 0.0
    slots[:] = 0.0
    active[:] = 0.0
    for h in range(len(t.cap)):
        cap = t.cap[h]
        low = 0.0
        high = 0.0
        above = 0  # fen used at `low`
        below = 0  # fen used at `high`
        at = 0.0
        best = np.inf
        steps = 0
        while True:
            total = at * cap
            use = 0
            for i in range(t.house_start[h], t.house_start[h + 1]):
                v, fen = _ask(
                    t, i, lam, mu, share, at, cap,
                    r, f, lo, hi, alone, of, w, q, x, pick, pick_x,
                )  # fmt: skip
                total += v
                use += fen
            if total < best:
                best = total
                nu[h] = at
            if use <= cap:
                high = at
                below = use
                if at == 0.0 or use == cap or steps > 20:
                    break
            else:
                low = at
                above = use
                if high == 0.0:  # a price at which nothing is worth its cost
                    at = 1.0
                    for i in range(t.house_start[h], t.house_start[h + 1]):
                        for k in range(t.start[i], t.start[i + 1]):
                            j = t.project[k]
                            at = max(at, t.value[k] + t.fair[i] + t.bonus[k] / t.lo[j])
                    high = at + 1.0
            steps += 1
            if steps > 40:
                break
            at = 0.5 * (low + high)
        bound += best
        # Mix the choices on both sides of the kink so that the cap is met: a true subgradient.
        mix = 0.0
        if above > cap and below < cap:
            mix = (cap - below) / (above - below)
        for side in range(2):
            part = mix if side == 0 else 1.0 - mix
            if part <= 0.0:
                continue
            for i in range(t.house_start[h], t.house_start[h + 1]):
                if steps > 0:
                    _ask(
                        t, i, lam, mu, share, low if side == 0 else high, cap,
                        r, f, lo, hi, alone, of, w, q, x, pick, pick_x,
                    )  # fmt: skip
                v = 0.0
                for a in range(3):
                    k = pick[i, a]
                    if k < 0:
                        break
                    j = t.project[k]
                    used[j] += part * pick_x[i, a]
                    slots[j] += part * share[k]
                    active[k] += part
                    v += (
                        (t.value[k] - lam[j] - nu[h]) * pick_x[i, a] + t.bonus[k] - mu[j] * share[k]
                    )
                surplus[i] = v
    return bound


@njit(cache=True)
def _worth(t: Table, s: State, i):  # type: ignore[no-untyped-def]
    """Value of what need ``i`` holds."""
    total = 0
    v = 0.0
    for a in range(3):
        k = s.pair[i, a]
        if k >= 0:
            total += s.fen[i, a]
            v += t.value[k] * s.fen[i, a] + t.bonus[k]
    return v + t.fair[i] * min(total, t.first[i])


@njit(cache=True)
def _take(t: Table, s: State, i):  # type: ignore[no-untyped-def]
    """Give back all grants of need ``i``."""
    for a in range(3):
        k = s.pair[i, a]
        if k >= 0:
            j = t.project[k]
            s.budget[j] += s.fen[i, a]
            s.cap[t.household[i]] += s.fen[i, a]
            s.served[t.group[k]] -= 1
            if s.served[t.group[k]] == 0:
                s.quota[j] += 1
            s.pair[i, a] = -1
            s.fen[i, a] = 0


@njit(cache=True)
def _give(t: Table, s: State, i, a, k, fen):  # type: ignore[no-untyped-def]
    """Book one grant on need ``i`` as its ``a``-th."""
    j = t.project[k]
    s.budget[j] -= fen
    s.cap[t.household[i]] -= fen
    if s.served[t.group[k]] == 0:
        s.quota[j] -= 1
    s.served[t.group[k]] += 1
    s.pair[i, a] = k
    s.fen[i, a] = fen


@njit(cache=True)
def _place(t: Table, s: State, i, lam, mu, nu, scale, r, f, lo, hi, alone, of, w, q, x, out, out_x):  # type: ignore[no-untyped-def]
    """Fund the empty need ``i`` as well as what is left allows, at ``scale`` times the prices."""
    h = t.household[i]
    gap = min(t.gap[i], s.cap[h])
    n = 0
    for k in range(t.start[i], t.start[i + 1]):
        j = t.project[k]
        fresh = s.served[t.group[k]] == 0
        most = min(t.hi[j], min(gap, s.budget[j]))
        if most < t.lo[j] or (fresh and s.quota[j] == 0):
            continue
        rate = t.value[k] - scale * (lam[j] + nu[h])
        fixed = t.bonus[k] - (scale * mu[j] if fresh else 0.0)
        if max(rate, 0.0) * most + t.fair[i] * min(most, t.first[i]) + fixed <= 0.0:
            continue
        r[n] = rate
        f[n] = fixed
        lo[n] = t.lo[j]
        hi[n] = most
        alone[n] = t.exclusive[j]
        of[n] = k
        n += 1
    if n == 0:
        return
    _, count = choose(
        n, r, f, lo, hi, alone, gap, t.first[i], t.fair[i], t.funders[i], w, q, x, out, out_x
    )
    for a in range(count):
        _give(t, s, i, a, of[out[a]], out_x[a])


@njit(cache=True)
def sweep(t: Table, s: State, order, lam, mu, nu, scale):  # type: ignore[no-untyped-def]
    """Fund each need of ``order`` anew, at ``scale`` times the prices; never worse at them."""
    widest = 1
    for i in range(len(t.gap)):
        widest = max(widest, t.start[i + 1] - t.start[i])
    r = np.empty(widest)
    f = np.empty(widest)
    lo = np.empty(widest, np.int64)
    hi = np.empty(widest, np.int64)
    alone = np.empty(widest, np.bool_)
    of = np.empty(widest, np.int64)
    w = np.empty(widest)
    q = np.empty(widest + 3, np.int64)
    x = np.empty(3, np.int64)
    out = np.empty(3, np.int64)
    out_x = np.empty(3, np.int64)
    for i in order:
        _take(t, s, i)
        _place(t, s, i, lam, mu, nu, scale, r, f, lo, hi, alone, of, w, q, x, out, out_x)
    worth = 0.0
    for i in range(len(t.gap)):
        worth += _worth(t, s, i)
    return worth


@njit(cache=True)
def _random(seed):  # type: ignore[no-untyped-def]
    """Next state of a splitmix64 counter and its output."""
    seed = seed + np.uint64(0x9E3779B97F4A7C15)
    z = seed
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return seed, z ^ (z >> np.uint64(31))


@njit(cache=True)
def improve(t: Table, s: State, lam, mu, nu, moves, seed):  # type: ignore[no-untyped-def]
    """Ruin and recreate: give back the grants of a few needs that compete for one project, fund
    them anew in another order, keep the result unless it is worth less. Returns the value."""
    size = 12
    widest = 1
    for i in range(len(t.gap)):
        widest = max(widest, t.start[i + 1] - t.start[i])
    r = np.empty(widest)
    f = np.empty(widest)
    lo = np.empty(widest, np.int64)
    hi = np.empty(widest, np.int64)
    alone = np.empty(widest, np.bool_)
    of = np.empty(widest, np.int64)
    w = np.empty(widest)
    q = np.empty(widest + 3, np.int64)
    x = np.empty(3, np.int64)
    out = np.empty(3, np.int64)
    out_x = np.empty(3, np.int64)
    chosen = np.empty(size, np.int64)
    old_pair = np.empty((size, 3), np.int64)
    old_fen = np.empty((size, 3), np.int64)
    for _ in range(moves):
        seed, z = _random(seed)
        i = int(z % np.uint64(len(t.gap)))
        seed, z = _random(seed)
        j = t.project[t.start[i] + int(z % np.uint64(t.start[i + 1] - t.start[i]))]
        chosen[0] = i
        count = 1
        column = t.column_start[j + 1] - t.column_start[j]
        for _ in range(size - 1):
            seed, z = _random(seed)
            i = t.column_need[t.column_start[j] + int(z % np.uint64(column))]
            fresh = True
            for a in range(count):
                fresh = fresh and chosen[a] != i
            if fresh:
                chosen[count] = i
                count += 1
        before = 0.0
        for a in range(count):
            i = chosen[a]
            before += _worth(t, s, i)
            old_pair[a] = s.pair[i]
            old_fen[a] = s.fen[i]
            _take(t, s, i)
        for a in range(count - 1, 0, -1):  # shuffle, keeping old grants aligned
            seed, z = _random(seed)
            b = int(z % np.uint64(a + 1))
            chosen[a], chosen[b] = chosen[b], chosen[a]
            for c in range(3):
                old_pair[a, c], old_pair[b, c] = old_pair[b, c], old_pair[a, c]
                old_fen[a, c], old_fen[b, c] = old_fen[b, c], old_fen[a, c]
        seed, z = _random(seed)
        scale = 1.0 if z % np.uint64(2) == 0 else 0.7
        after = 0.0
        for a in range(count):
            _place(
                t, s, chosen[a], lam, mu, nu, scale,
                r, f, lo, hi, alone, of, w, q, x, out, out_x,
            )  # fmt: skip
        for a in range(count):  # what is still free goes to whoever can use it
            _take(t, s, chosen[a])
            _place(
                t, s, chosen[a], lam, mu, nu, 0.0,
                r, f, lo, hi, alone, of, w, q, x, out, out_x,
            )  # fmt: skip
            after += _worth(t, s, chosen[a])
        if after < before:
            for a in range(count):
                _take(t, s, chosen[a])
            for a in range(count):
                for c in range(3):
                    if old_pair[a, c] >= 0:
                        _give(t, s, chosen[a], c, old_pair[a, c], old_fen[a, c])
    worth = 0.0
    for i in range(len(t.gap)):
        worth += _worth(t, s, i)
    return worth
