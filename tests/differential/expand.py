"""Expands recurrence rules with python-dateutil, one JSON line in, one out, after a line with the version of the zones.

In: {"rule": str, "start": local time, "zone": str, "take": int, "last_year": int}. Out: {"local": [local time, ...],
"instants": [seconds since 1970, ...], "mended": the same two or null}. At most `take` occurrences and none after
`last_year`. Zones are resolved by zoneinfo: fold=0 moves a skipped time forward by the gap (PEP 495) and takes the first
of a repeated one. `mended` is what dateutil says once its known errors are corrected (see Mended), where that differs.
"""

import datetime
import itertools
import json
import sys
import zoneinfo

import tzdata
from dateutil import rrule

zoneinfo.reset_tzpath(to=[])  # the tables of the package, not the machine's
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SECOND = datetime.timedelta(seconds=1)
PLAIN_REBUILD = rrule._iterinfo.rebuild


def week_of(day, week_start):
    """The year and number of a week, and how many weeks that year has: ISO 8601 but for the day that weeks begin on."""
    def number(day):
        fourth = day - datetime.timedelta((day.weekday() - week_start) % 7 - 3)
        return fourth.year, (fourth.timetuple().tm_yday - 1) // 7 + 1

    year, week = number(day)
    return week, number(datetime.date(year, 12, 28))[1]


def mended_rebuild(info, year, month):
    """BYWEEKNO. dateutil takes the number of last year's last week from the wrong year's length, and forgets weeks
    counted from the end when they are the next year's first (its source says so: "TODO: Check -numweeks")."""
    changed = year != info.lastyear
    PLAIN_REBUILD(info, year, month)
    if changed and info.rrule._byweekno:
        for n in range(info.yearlen + 7):
            day = datetime.date.fromordinal(info.yearordinal + n)
            week, count = week_of(day, info.rrule._wkst)
            info.wnomask[n] = week in info.rrule._byweekno or week - count - 1 in info.rrule._byweekno


def mended_text(text):
    """BYDAY. dateutil takes "MO,1TU" for the Mondays that are the first Tuesday; the RFC means both. The plain ones
    are written out as counted ones."""
    parts = dict(part.split("=") for part in text.split(";"))
    days = parts.get("BYDAY", "").split(",")
    if len({len(day) > 2 for day in days}) == 2:
        most = 53 if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts else 5
        counted = [[f"{n}{day}" for n in range(1, most + 1)] if len(day) == 2 else [day] for day in days]
        parts["BYDAY"] = ",".join(itertools.chain(*counted))
    return ";".join("=".join(part) for part in parts.items())


def with_local_end(text, zone):
    """An UNTIL in UTC as the zone's local time, as the start is: dateutil wants a zone for both or for none."""
    def part(part):
        name, value = part.split("=")
        if name != "UNTIL" or not value.endswith("Z"):
            return part
        until = datetime.datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        return f"UNTIL={until.astimezone(zoneinfo.ZoneInfo(zone)):%Y%m%dT%H%M%S}"

    return ";".join(map(part, text.split(";")))


def expand(text, asked, rebuild):
    rrule._iterinfo.rebuild = rebuild
    start = datetime.datetime.fromisoformat(asked["start"])
    # dateutil reads this constant to see where time ends, and would search for ever what never comes.
    datetime.MAXYEAR = asked["last_year"]
    local = []
    try:
        for found in rrule.rrulestr(with_local_end(text, asked["zone"]), dtstart=start):
            if found.year > asked["last_year"] or len(local) == asked["take"]:
                break
            local.append(found)
    except ValueError as error:
        # Its word for a rule whose times the interval never meets.
        if "empty" not in str(error):
            raise
    zone = zoneinfo.ZoneInfo(asked["zone"])
    instants = {(found.replace(tzinfo=zone, fold=0) - EPOCH) // SECOND for found in local}
    return {"local": [found.isoformat() for found in local], "instants": sorted(instants)}


print(tzdata.IANA_VERSION, flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    answer = expand(asked["rule"], asked, PLAIN_REBUILD)
    mended = None
    text = mended_text(asked["rule"])
    if "BYWEEKNO" in text or text != asked["rule"]:
        mended = expand(text, asked, mended_rebuild)
    answer["mended"] = mended if mended != answer else None
    print(json.dumps(answer))
