"""What both ends say of an interval, joined as the collector does."""

from collections import Counter

NEAR = 99  # packets behind another loss, at most


def lacking(record):
    """The only side of a record that lacks what was sent; None: it does not."""
    side, = record.get("metrics", {}).get("open", [None])
    return side if side is not None and "needs" in side else None


def told(records):
    """What senders have told, by its keys; each once."""
    found = {}
    for record in records:
        if record["outcome"] == "stated":
            side, = record["metrics"]["open"]
            assert side["is"] not in found
            found[side["is"]] = side
    return found


def numbers(runs):
    """Of packets, as pharos-record(5) has them."""
    found, at = [], 0
    for gap, count in zip(runs[::2], runs[1::2]):
        found += range(at + gap, at + gap + count)
        at += gap + count
    return found


def pattern(went, came):
    """Loss periods, losses near another one, and the longest period (RFC 3357)."""
    came, periods, near, longest, run, last = set(came), 0, 0, 0, 0, None
    for place, number in enumerate(sorted(set(went) | came)):
        if number in came:
            run = 0
            continue
        periods += run == 0
        near += last is not None and place - last <= NEAR
        last, run = place, run + 1
        longest = max(longest, run)
    return Counter(loss_periods=periods, loss_near=near), longest


def joined(record, sides):
    """Its counts, with what was told; None: not all of it is there."""
    own = lacking(record)
    if own is None or not all(key in sides for key in own["needs"]):
        return None
    counts, longest = Counter(own["add"]), own.get("longest", 0)
    for key, came in zip(own["needs"], own["came"], strict=True):
        counts.update(sides[key]["add"])
        more, run = pattern(numbers(sides[key]["went"]), numbers(came))
        counts.update(more)
        longest = max(longest, run)
    counts["received"] = own["received"]
    counts["lost"] = counts["sent"] - own["received"] - counts["lost_locally"]
    counts["loss_longest"] = longest
    return counts
