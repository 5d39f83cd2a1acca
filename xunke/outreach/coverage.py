"""What a result could not see: interactions that platforms count and nobody fetched, and fetches that ended early."""

from __future__ import annotations

import json
from collections.abc import Sequence

from xunke.events import Event, Warned
from xunke.storage import Project


def coverage(project: Project, posts: Sequence[int]) -> list[Event]:
    """What to tell with a result that stands on these posts (our ids)."""
    listed = json.dumps(list(posts))
    return [*_interactions(project, listed), *_unfinished(project, listed)]


def _interactions(project: Project, listed: str) -> list[Event]:
    """What share of the comments and reposts that platforms count under these posts is stored."""
    claimed = project.one(
        "select sum(coalesce(comments, 0) + coalesce(shares, 0)) from post "
        "where id in (select value from json_each(?))",
        (listed,),
    )
    if not claimed:
        return []
    seen = project.one(
        "select (select count(*) from post where root in (select value from json_each(:ids))) + "
        "(select count(*) from post where repost_of in (select value from json_each(:ids)))",
        {"ids": listed},
    )
    share = min(1.0, seen / claimed)
    return [Warned("coverage.interactions", {"seen": seen, "claimed": claimed, "percent": round(100 * share)})]


def _unfinished(project: Project, listed: str) -> list[Event]:
    """Which jobs brought these posts without seeing all that their query asked for."""
    jobs = project.query(
        "select j.id, (select sum(max(coalesce(said, 0) - seen, 0)) from gap where job = j.id and kind = 'posts' "
        "and state = 'open') from job j where j.kind = 'collect' "
        "and j.id in (select s.job from source s join post t on t.source = s.id "
        "where t.id in (select value from json_each(?))) "
        "and (j.state <> 'done' or exists (select 1 from gap g where g.job = j.id and g.kind = 'posts' "
        "and g.state = 'open')) order by j.id",
        (listed,),
    )
    if not jobs:
        return []
    missing = sum(row[1] or 0 for row in jobs)
    key = "coverage.jobs_missing" if missing else "coverage.jobs"
    return [Warned(key, {"jobs": ", ".join(str(row[0]) for row in jobs[:10]), "n": len(jobs), "missing": missing})]
