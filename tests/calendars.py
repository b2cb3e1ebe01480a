"""Reads and writes calendar files with other people's libraries, one JSON line in, one out. Ends with its input.

In: {"expand": ics, "with": "icalendar" | "vobject", "until": instant} gives [[uid, start, summary], …] in UTC, in order:
what the file's events come to up to an instant, expanded by dateutil. In: {"write": [event, …], "with": …} gives the text
of a file; an event is {uid, summary, start, end, zone, rule?, left_out?, day?} with local times.
"""

import json
import sys
from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo

import icalendar
import vobject
from dateutil.rrule import rruleset, rrulestr

UTC = timezone.utc


def instant(at, zone):
    """A day begins at midnight of the calendar's zone, which is the only one in a file of days."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(), tzinfo=zone)
    return at.astimezone(UTC)


def dates(component, name):
    found = component.get(name, [])
    found = found if isinstance(found, list) else [found]
    return [one.dt for dates in found for one in dates.dts]


def wall(at):
    return at if isinstance(at, datetime) else datetime.combine(at, time())


def with_icalendar(text, zone):
    calendar = icalendar.Calendar.from_ical(text)
    for event in calendar.walk("VEVENT"):
        start = event.decoded("DTSTART")
        starts = rruleset()
        if "RRULE" in event:
            rule = event["RRULE"].to_ical().decode()
            starts.rrule(rrulestr(rule, dtstart=wall(start)))
        else:
            starts.rdate(wall(start))
        for at in dates(event, "RDATE"):
            starts.rdate(wall(at))
        for at in dates(event, "EXDATE"):
            starts.exdate(wall(at))
        original = event.decoded("RECURRENCE-ID") if "RECURRENCE-ID" in event else None
        day = not isinstance(start, datetime)
        yield str(event["UID"]), str(event["SUMMARY"]), original, starts, day


def with_vobject(text, zone):
    for event in vobject.readOne(text).vevent_list:
        start = event.dtstart.value
        starts = event.getrruleset(addRDate=True)
        if starts is None:
            starts = rruleset()
            starts.rdate(wall(start))
        original = event.recurrence_id.value if hasattr(event, "recurrence_id") else None
        day = not isinstance(start, datetime)
        yield event.uid.value, event.summary.value, original, starts, day


def expanded(request):
    zone = ZoneInfo(request["zone"])
    read = {"icalendar": with_icalendar, "vobject": with_vobject}[request["with"]]
    until = datetime.fromisoformat(request["until"])
    events = list(read(request["expand"], zone))
    moved = {(uid, instant(original, zone)) for uid, _, original, _, _ in events if original is not None}
    found = []
    for uid, summary, original, starts, day in events:
        for at in starts:
            at = instant(at.date() if day else at, zone)
            if at >= until:
                break
            if original is not None or (uid, at) not in moved:
                found.append([uid, at.strftime("%Y-%m-%dT%H:%M:%SZ"), summary])
    return sorted(found)


def moment(event, name):
    if event.get("day"):
        return date.fromisoformat(event[name])
    return datetime.fromisoformat(event[name]).replace(tzinfo=ZoneInfo(event["zone"]))


def written(request):
    library = request["with"]
    calendar = icalendar.Calendar() if library == "icalendar" else vobject.iCalendar()
    if library == "icalendar":
        calendar.add("prodid", "-//tests//calendars//EN")
        calendar.add("version", "2.0")
    for event in request["write"]:
        left_out = [datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(event["zone"])) for at in event.get("left_out", [])]
        if library == "icalendar":
            one = icalendar.Event()
            one.add("uid", event["uid"])
            one.add("summary", event["summary"])
            one.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
            one.add("dtstart", moment(event, "start"))
            one.add("dtend", moment(event, "end"))
            if "rule" in event:
                one.add("rrule", icalendar.vRecur.from_ical(event["rule"]))
            if left_out:
                one.add("exdate", left_out)
            calendar.add_component(one)
        else:
            one = calendar.add("vevent")
            one.add("uid").value = event["uid"]
            one.add("summary").value = event["summary"]
            one.add("dtstart").value = moment(event, "start")
            one.add("dtend").value = moment(event, "end")
            if "rule" in event:
                one.add("rrule").value = event["rule"]
            if left_out:
                one.add("exdate").value = left_out
    if library == "icalendar":
        calendar.add_missing_timezones()
        return calendar.to_ical().decode()
    return calendar.serialize()


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(expanded(request) if "expand" in request else written(request)), flush=True)
