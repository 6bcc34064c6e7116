"""Is every scheduled run accounted for, and once?

What should have happened comes from the schedule itself (the program starts,
which asks scheduler/timing and nobody who ran); what did comes from the
collector.
"""

import bisect
import collections
import decimal
import json
import os
import pathlib
import subprocess

NS = 10 ** 9
NEAR = NS // 1000  # a record's start and lateness are rounded texts
MOMENT = NS // 50  # what the records of a stream may lie apart
RAN = {"measured", "no-answer", "failed"}
PASSED = "its time had passed: the box slept or its clock was set"


def nanoseconds(number):
    return int(decimal.Decimal(number) * NS)


def exact(line):
    """A record with its times as they were written."""
    return json.loads(line, parse_float=decimal.Decimal)


def expected_starts(plan, since, until):
    """{(test, src, dst): [planned starts]} in (since, until], nanoseconds."""
    build = pathlib.Path(os.environ["PHAROS_BUILD"])
    done = subprocess.run(
        [build / "tests" / "soak" / "starts", plan, str(since), str(until)],
        check=True, capture_output=True, text=True)
    jobs = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        *job, at = line.split()
        jobs[tuple(job)].append(int(at))
    return jobs


def continuous(plan):
    """The tests of a plan that are streams."""
    plan = json.loads(pathlib.Path(plan).read_text())
    tests = plan["tests"] + plan.get("own", [])
    return {t["test"] for t in tests if t["schedule"]["kind"] == "continuous"}


def job_of(record):
    return record["test"], record["src"], record["dst"]


def planned(record):
    return nanoseconds(record["start"]) - nanoseconds(record.get("lateness", 0))


class Job:
    """The starts of one test and pair, and what has been said of each."""

    def __init__(self, starts):
        self.starts = sorted(starts)
        self.told = [0] * len(self.starts)  # records of their own
        self.named = [False] * len(self.starts)  # in a gap or a skipped record
        self.wrong = []

    def nearest_untold(self, at):
        """The start this record is of: one that has none yet if there is."""
        low = bisect.bisect_left(self.starts, at - NEAR)
        high = bisect.bisect_right(self.starts, at + NEAR)
        return min(range(low, high), default=None,
                   key=lambda i: (self.told[i], abs(self.starts[i] - at)))

    def between(self, since, until):
        """Indices of the starts in (since, until]."""
        return range(bisect.bisect_right(self.starts, since),
                     bisect.bisect_right(self.starts, until))

    def tell(self, record):
        i = self.nearest_untold(planned(record))
        if i is not None:
            self.told[i] += 1
        return i is not None

    def skip(self, record, since, until):
        """A skipped record is of one start, or of all behind one instant up to
        another, of which the first was a start itself."""
        start, end = nanoseconds(record["start"]), nanoseconds(record["end"])
        missed = record.get("missed", 1)
        if record["why"] != PASSED:
            i = self.nearest_untold(start)
            if i is not None:
                self.told[i] += 1
            return
        found = self.between(start + NEAR, end)
        for i in found:
            self.told[i] += 1
        if since <= start and end <= until and len(found) != missed:
            self.wrong.append((record["id"], f"says {missed} were missed, the "
                               f"schedule has {len(found)}"))

    def gap(self, start, end):
        for i in self.between(start - 1, end):
            self.named[i] = True


class Stream:
    """The time of one stream, and what has been said of it."""

    def __init__(self, gaps, since, until):
        self.gaps, self.since, self.until = gaps, since, until
        self.told = []

    def tell(self, record):
        self.told.append((nanoseconds(record["start"]),
                          nanoseconds(record["end"])))

    def holes(self):
        """Spans in no record and no gap."""
        found, reach = [], self.since
        for start, end in sorted(self.told + self.gaps):
            if start > reach + MOMENT and reach < self.until - MOMENT:
                found.append((reach, start))
            reach = max(reach, end)
        return found + ([(reach, self.until)]
                        if reach < self.until - MOMENT else [])

    def overlaps(self):
        """Spans in more than one record, unless gaps say so."""
        found, reach = [], 0
        for start, end in sorted(self.told):
            both = start, min(reach, end)
            if both[1] - both[0] > MOMENT and not self.in_gaps(*both):
                found.append(both)
            reach = max(reach, end)
        return found

    def in_gaps(self, start, end):
        """All of it, in one or in several that touch."""
        for a, b in sorted(self.gaps):
            if a - MOMENT <= start < b:
                start = b
        return start + MOMENT >= end


class Accounts:
    """Of one box, from its plan and its records."""

    def __init__(self, plan, records, since, until):
        streams = continuous(plan)
        starts = expected_starts(plan, since, until)
        gaps = [(nanoseconds(r["start"]), nanoseconds(r["end"]))
                for r in records if r["outcome"] == "gap"]
        self.jobs = {job: Job(starts[job]) for job in starts
                     if job[0] not in streams}
        self.streams = {job: Stream(gaps, since, until) for job in starts
                        if job[0] in streams}
        self.outcomes = collections.Counter(r["outcome"] for r in records)
        self.unscheduled = []
        for record in records:
            if record.get("test") in streams:
                self.streams[job_of(record)].tell(record)
            elif record["outcome"] in RAN:
                self.tell(record, since, until)
            elif record["outcome"] == "gap":
                for job in self.jobs.values():
                    job.gap(nanoseconds(record["start"]),
                            nanoseconds(record["end"]))
        for record in records:  # a span of them is told by what is not in it
            if record["outcome"] == "skipped" and job_of(record) in self.jobs:
                self.jobs[job_of(record)].skip(record, since, until)

    def tell(self, record, since, until):
        job = self.jobs.get(job_of(record))
        told = job is not None and job.tell(record)
        if not told and since + NEAR < planned(record) <= until - NEAR:
            self.unscheduled.append(record["id"])

    def scheduled(self):
        return sum(len(job.starts) for job in self.jobs.values())

    def each(self, condition):
        return [(*name, job.starts[i]) for name, job in self.jobs.items()
                for i in range(len(job.starts))
                if condition(job.told[i], job.named[i])]

    def lost(self):
        return self.each(lambda told, named: told == 0 and not named)

    def doubled(self):
        """Of what comes twice, as a clock was set far back, a gap tells."""
        return self.each(lambda told, named: told > 1 and not named)

    def holes(self):
        return [(*name, *hole) for name, stream in self.streams.items()
                for hole in stream.holes()]

    def overlaps(self):
        return [(*name, *span) for name, stream in self.streams.items()
                for span in stream.overlaps()]

    def in_gaps(self):
        return len(self.each(lambda told, named: told == 0 and named))

    def wrong(self):
        return [what for job in self.jobs.values() for what in job.wrong]


def holes(records):
    """Ids that came twice, and sequences that are missing within an epoch."""
    sequences = collections.defaultdict(list)
    for record in records:
        box, epoch, number = record["id"].split("/")
        sequences[box, epoch].append(int(number))
    twice, missing = [], []
    for origin, numbers in sequences.items():
        seen = collections.Counter(numbers)
        twice += [(*origin, n) for n, count in seen.items() if count > 1]
        missing += [(*origin, n) for n in range(1, max(numbers) + 1)
                    if n not in seen]
    return twice, missing
