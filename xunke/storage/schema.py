"""The tables of a project file, as migrations (``docs/schema.md`` explains them to people who open the file).

Integer keys everywhere; the platforms' own ids are text in the narrow ``account_key`` and ``post_key``.
Times are UTC epoch seconds. NULL means that the platform did not say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_utils.db import Database

VERSION: Final = 9
"""``PRAGMA user_version`` of a file whose migrations have all been applied."""

APPLICATION_ID: Final = 0x586B6521
"""``PRAGMA application_id``: marks a SQLite file as a project of ours ("Xke!")."""

KINDS: Final = {"repost": 1, "reply": 2, "mention": 3, "quote": 4, "like": 5, "follow": 6}
"""Codes of ``interaction.kind``."""

_TABLES = """
create table meta(key text primary key, value text not null) strict, without rowid;

create table platform(id integer primary key, name text not null unique) strict;

-- provenance: one row for each file, server query or sample that rows came from
create table source(
  id integer primary key, kind text not null, name text not null, query text, tool text,
  fetched integer not null, job integer
) strict;

create table person(id integer primary key, name text, note text, created integer not null) strict;

create table account_key(
  id integer primary key, platform integer not null references platform(id), native_id text not null,
  unique(platform, native_id)
) strict;

create table account(
  id integer primary key references account_key(id), person integer references person(id),
  name text, handle text, bio text, url text, region text, gender text, occupation text,
  followers integer, following integer, posts integer, verified integer, kind text, listed integer,
  tags text, fetched integer, source integer references source(id),
  understood text -- version of the persona rules that read this row; NULL once it has changed
) strict;
create index account_name on account(name);

create table follower_snapshot(
  account integer not null references account_key(id), t integer not null,
  followers integer, following integer, posts integer, primary key(account, t)
) strict, without rowid;

create table group_(
  id integer primary key, platform integer not null references platform(id), native_id text not null,
  name text, kind text, unique(platform, native_id)
) strict;
create table membership(
  group_ integer not null references group_(id), account integer not null references account_key(id),
  primary key(group_, account)
) strict, without rowid;

create table post_key(
  id integer primary key, platform integer not null references platform(id), native_id text not null,
  unique(platform, native_id)
) strict;

create table post(
  id integer primary key references post_key(id), author integer references account_key(id), kind text not null,
  text text not null, title text, created integer, zone text, url text, tags text,
  likes integer, comments integer, shares integer, saves integer, views integer,
  reply_to integer, root integer, repost_of integer, quote_of integer, group_ integer references group_(id),
  lang text, media text, region text, query text, fetched integer, source integer references source(id)
) strict;
create index post_author on post(author, created);
create index post_created on post(created);
create index post_root on post(root) where root is not null;

-- what a post said before it was edited or its counts changed
create table post_history(
  post integer not null references post_key(id), fetched integer not null, text text,
  likes integer, comments integer, shares integer, saves integer, views integer, primary key(post, fetched)
) strict, without rowid;

create table post_raw(post integer primary key references post_key(id), body blob not null) strict;

create table tag(id integer primary key, name text not null, folded text not null unique) strict;
create table post_tag(
  tag integer not null references tag(id), post integer not null references post_key(id), primary key(tag, post)
) strict, without rowid;

create table mention(
  post integer not null references post_key(id), name text not null, account integer, primary key(post, name)
) strict, without rowid;
create index mention_open on mention(name) where account is null;

-- actor acts on target at t (0: the platform does not say when), concerning post (0: none)
create table interaction(
  target integer not null, t integer not null, actor integer not null, kind integer not null, post integer not null,
  primary key(target, t, actor, kind, post)
) strict, without rowid;

-- replies, reposts and quotes whose parent's author is not known yet
create table pending_edge(
  parent integer not null, child integer not null, kind integer not null, primary key(parent, child, kind)
) strict, without rowid;

-- bigrams of text and tags; rowid = post.id
create virtual table post_fts using fts5(body, content='', detail=none, tokenize='unicode61');

create table feature(
  post integer primary key references post_key(id), model text not null, lang text, sentiment real, label text,
  spam real, detail text not null
) strict;

create table profile_fact(
  account integer not null references account_key(id), fact text not null, value text not null,
  origin text not null, post integer, confidence real not null, quote text, model text,
  primary key(account, fact, value, origin)
) strict, without rowid;
create index profile_fact_value on profile_fact(fact, value);

create table run(
  id integer primary key, created integer not null, today text not null, text text, plan text not null
) strict;
create table result(
  id integer primary key, run integer references run(id), step integer, target text not null, title text,
  created integer not null, total integer not null, funnel text not null, setting text not null
) strict;
create table score(
  result integer not null references result(id), rank integer not null, item integer not null, value real,
  parts text, primary key(result, rank)
) strict, without rowid;
create index score_item on score(item);

create table saved_list(
  id integer primary key, name text not null unique, target text not null, purpose text, basis text,
  created integer not null, expires integer, result integer references result(id), note text
) strict;
create table list_member(
  list integer not null references saved_list(id), item integer not null, rank integer not null, score real,
  reason text, channel text, best_time text, first_act text, added integer not null, primary key(list, item)
) strict, without rowid;

create table job(
  id integer primary key, kind text not null, spec text not null, state text not null, reason text,
  created integer not null, updated integer not null
) strict;
create table job_slice(
  job integer not null references job(id), n integer not null, spec text not null, state text not null,
  cursor text, counts text not null, source integer, primary key(job, n)
) strict, without rowid;

create table schedule(
  id integer primary key, name text, plan text not null, every text not null, at text, days text, day integer,
  until text, state text not null, created integer not null
) strict;

create table suppression(hash blob primary key, created integer not null, origin text) strict, without rowid;

-- append-only; hash = sha256 of the row before and this one
create table audit(
  id integer primary key, t integer not null, act text not null, detail text not null, hash text not null
) strict;
"""

_AUTHENTICITY = """
-- how likely an account is spam or 水军: of which state of its rows (basis), from how many numbers, and why
create table account_sign(
  account integer primary key references account_key(id), basis text not null, spam real not null,
  seen integer not null, detail text not null
) strict;

-- posts that several accounts wrote nearly alike
create table post_copy(
  post integer primary key references post_key(id), grp text not null, accounts integer not null
) strict;
"""

_LABELS = """
-- what a user said about a post; the newest that is not undone counts; before: its feature row as it was
create table label(
  id integer primary key, post integer not null references post_key(id), kind text not null, name text not null,
  value text not null, who text not null, created integer not null, undone integer, before text
) strict;
create index label_post on label(post, kind, name);

-- the user's own words; kind: sentiment, interest, word, stop; name: the interest
create table lexicon(
  kind text not null, name text not null, word text not null, weight real not null, who text not null,
  created integer not null, primary key(kind, name, word)
) strict, without rowid;

-- what was learned from the labels of one question: the correction and what it is worth
create table learned(
  kind text not null, name text not null, base text not null, delta text not null, report text not null,
  created integer not null, primary key(kind, name)
) strict, without rowid;
"""

_PERSONS = """
-- two accounts that may be one person's; a < b; state: open, accepted, rejected; detail: the fields and their weights
create table same_pair(
  id integer primary key, a integer not null references account_key(id), b integer not null references account_key(id),
  p real not null, sure integer not null, detail text not null, state text not null, found integer not null,
  decided integer, unique(a, b)
) strict;
create index same_pair_b on same_pair(b);

-- what a user said of somebody: good = 1 (more like them) or 0; list: of which list (0: everywhere)
create table mark(
  account integer not null references account_key(id), list integer not null, good integer not null,
  created integer not null, primary key(account, list)
) strict, without rowid;

create index account_person on account(person) where person is not null;
"""

_DOING = """
-- a schedule's state is active, paused, cancelled or ended; base: the day from which dates in its plan are counted;
-- due: next run (UTC seconds); claim: the process that runs it now (host:pid) and since when
alter table schedule add column notify integer;
alter table schedule add column base text;
alter table schedule add column due integer;
alter table schedule add column claim text;
alter table schedule add column claimed integer;

-- what became of each run of a schedule; state: running, done, failed, broken (the process died)
create table schedule_run(
  id integer primary key, schedule integer not null references schedule(id), due integer, started integer not null,
  ended integer, state text not null, run integer, detail text not null
) strict;
create index schedule_run_of on schedule_run(schedule, id);

-- what requests changed, so that the newest can be taken back; detail: what that needs, nobody's name
create table act(
  id integer primary key, t integer not null, kind text not null, detail text not null, run integer, undone integer
) strict;
"""

_SLICES = """
-- a job: its reason's parameters (JSON), before which second it is not to go on by itself, how much a run of it may ask
-- (JSON), and the process that runs it (host:pid) with its last sign of life
alter table job add column reason_params text;
alter table job add column not_before integer;
alter table job add column budget text;
alter table job add column claim text;
alter table job add column claimed integer;

-- a slice: which of the job's queries it is of, its window (UTC seconds, inclusive), and why it is in its state
alter table job_slice add column part integer;
alter table job_slice add column since integer;
alter table job_slice add column until integer;
alter table job_slice add column reason text;
alter table job_slice add column reason_params text;
alter table job_slice add column not_before integer;

-- what a platform said is there and we did not see; kind: posts or a relation; key: native id of the post or account
-- (posts: the query's value); again: asking later may bring more; state: open, closed (seen since)
create table gap(
  job integer not null references job(id), slice integer not null, kind text not null, key text not null,
  said integer, seen integer not null, reason text, again integer not null, state text not null,
  primary key(job, slice, kind, key)
) strict, without rowid;

-- servers that refused us: how often in a row, and until when nothing asks them by itself (UTC seconds)
create table refusal(
  collector text not null, instance text not null, strikes integer not null, until integer not null,
  reason text not null, params text not null, primary key(collector, instance)
) strict, without rowid;
"""

_CHANGES = """
-- since when (UTC seconds, as noticed) its author or the platform no longer shows a post: its words are then removed
alter table post add column gone integer;
create index post_gone on post(gone) where gone is not null;
create index post_source on post(source);

-- what an account was called and said of itself before it changed
create table account_history(
  account integer not null references account_key(id), fetched integer not null, name text, handle text, bio text,
  primary key(account, fetched)
) strict, without rowid;

-- the posts that a watch's running job has come across; emptied when it has looked for those that are missing
create table job_seen(job integer not null, post integer not null, primary key(job, post)) strict, without rowid;

-- kind: plan, or watch (its plan column then says what is fetched); seen: until when a watch has seen everything
alter table schedule add column kind text;
alter table schedule add column seen integer;
"""

_WINNING = """
-- segments that are kept; kind: how they are cut; spec: its rule (JSON); review: the ISO day to look at it again;
-- treatment: what its people get (JSON); result: the newest run of it
create table segment(
  id integer primary key, name text not null unique, kind text not null, spec text not null, parent integer,
  created integer not null, computed integer, result integer, review text, treatment text, persona text, note text
) strict;
create table segment_member(
  segment integer not null references segment(id), account integer not null, value real, primary key(segment, account)
) strict, without rowid;
create index segment_member_of on segment_member(account);

-- what somebody bought, from a file; amount in the currency named (CNY where none is)
create table purchase(
  id integer primary key, account integer not null, t integer, amount real not null, currency text, what text,
  native_id text, source integer references source(id)
) strict;
create index purchase_of on purchase(account, t);
create unique index purchase_once on purchase(native_id) where native_id is not null;

-- a list's people under a budget: minutes that a person costs, the segment they stand for
alter table saved_list add column segment integer;
alter table saved_list add column setting text;
alter table list_member add column minutes real;
alter table list_member add column segment text;
-- people who are not, or no longer, on a list; why: budget, quota, holdout, overlap … (never in), else what
-- took them off; batch: of the change that did (0: never in), so that it can be taken back
create table list_out(
  list integer not null, item integer not null, why text not null, batch integer not null, rank integer, score real,
  reason text, channel text, best_time text, first_act text, minutes real, segment text, added integer,
  primary key(list, item)
) strict, without rowid;
create index list_out_of on list_out(item);

-- a campaign: kpi a name of outreach/kpi, target and baseline in its unit, since and until ISO days (inclusive);
-- state: draft, running, ended; brief: the form's fields (JSON)
create table campaign(
  id integer primary key, name text not null unique, state text not null, goal text, kpi text, target real,
  baseline real, since text, until text, brief text not null, created integer not null, updated integer not null
) strict;
create table campaign_list(
  campaign integer not null references campaign(id), list integer not null references saved_list(id),
  primary key(campaign, list)
) strict, without rowid;
-- code: a word of its own that a result can be told by
create table variant(
  id integer primary key, campaign integer references campaign(id), name text not null, code text unique,
  body text, created integer not null
) strict;

-- people dealt out at random; seed makes it again; spec: arms, parts, plan of the test (JSON);
-- state: running, stopped; verdict (JSON) once it is decided
create table experiment(
  id integer primary key, name text not null unique, campaign integer references campaign(id),
  list integer references saved_list(id), seed integer not null, metric text not null, spec text not null,
  state text not null, created integer not null, ended integer, verdict text
) strict;
create table arm(
  experiment integer not null references experiment(id), account integer not null, arm text not null,
  primary key(experiment, account)
) strict, without rowid;
create index arm_of on arm(account);

-- one act of ours towards somebody, done by a person. step: follow, reply, engage, talk, offer; state: done, skipped;
-- post: what it was about; draft: the words as they were copied; minutes it took; owner: who of us; undone: taken back
create table touch(
  id integer primary key, account integer not null, t integer not null, step text not null, channel text,
  state text not null, campaign integer, list integer, experiment integer, variant integer, post integer, draft text,
  minutes real, owner text, note text, created integer not null, undone integer
) strict;
create index touch_of on touch(account, t);
create index touch_t on touch(t);

-- what came of it. kind: seen, follow_back, like, reply, positive, negative, complaint, click, converted, bought,
-- opt_out, none; value: money or score where there is one; source: user, file, seen (in collected rows)
create table outcome(
  id integer primary key, account integer not null, t integer not null, kind text not null, value real, touch integer,
  campaign integer, variant integer, post integer, source text not null, note text, created integer not null,
  undone integer
) strict;
create index outcome_of on outcome(account, t);
create index outcome_touch on outcome(touch) where touch is not null;
create unique index outcome_seen on outcome(account, kind, post) where source = 'seen' and post is not null;

-- what a campaign cost: money (CNY) or minutes of work; day: ISO
create table cost(
  id integer primary key, campaign integer not null references campaign(id), day text not null, kind text not null,
  amount real, minutes real, note text, created integer not null
) strict;
-- so many times something came of a campaign, told by a file or the user by code and not by person; value: CNY in all.
-- kind: seen, click, like, reply, follow_back, converted, bought, refund, promoter, passive, detractor; variant 0: none
create table result_count(
  id integer primary key, campaign integer not null references campaign(id), variant integer not null,
  day text not null, kind text not null, count integer not null, value real, created integer not null,
  unique(campaign, variant, day, kind)
) strict;

-- content that is planned; day: ISO, at: HH:MM; category: of the content mix; occasion: festival or solar term
create table calendar(
  id integer primary key, campaign integer references campaign(id), day text not null, at text, category text,
  title text not null, channel text, variant integer, occasion text, state text not null, post integer, owner text,
  created integer not null
) strict;

-- what we noted of somebody, a segment or a campaign; kind: note, interview, service, talk, promise, material;
-- due: ISO day of the next step
create table note(
  id integer primary key, account integer, segment integer, campaign integer, t integer not null, kind text not null,
  body text not null, due text, done integer, owner text, undone integer
) strict;
create index note_of on note(account) where account is not null;

-- what was put off or left out of a queue, until when (UTC seconds; NULL: for good); item: a post or an account
create table queue_state(
  queue text not null, item integer not null, state text not null, until integer, t integer not null,
  primary key(queue, item)
) strict, without rowid;

-- who agreed to what, when, and how we know; withdrawn: since when no more
create table consent(
  account integer not null, kind text not null, t integer not null, evidence text, withdrawn integer,
  primary key(account, kind)
) strict, without rowid;

-- a source: 1 if it is our own (our accounts' comments and followers, our customer file); what it is for, and on
-- which legal basis
alter table source add column own integer;
alter table source add column purpose text;
alter table source add column basis text;

-- how many days rows of a scope are kept
create table retention(scope text primary key, days integer not null, created integer not null) strict, without rowid;

-- each time all or some followers of an own account were read; complete: 1 if all of them, 2 while they are being read;
-- said: how many there are by the platform's own count
create table follower_list(
  id integer primary key, own integer not null, t integer not null, complete integer not null, size integer not null,
  said integer, source integer references source(id), unique(own, t)
) strict;
-- a stretch of following: first and last time seen in a list; gone: the first complete list without them
create table follower(
  own integer not null, account integer not null, first integer not null, last integer not null, gone integer,
  primary key(own, account, first)
) strict, without rowid;
create index follower_of on follower(account);
-- who stands in a list that is not whole (those of whole lists follow from the stretches)
create table follower_seen(
  account integer not null, list integer not null references follower_list(id), primary key(account, list)
) strict, without rowid;

-- what was fitted to the project's own outcomes
create table model(
  kind text primary key, created integer not null, basis text not null, body text not null, report text not null
) strict, without rowid;

-- a look back at a campaign or the whole project, to be compared with the next one
create table review(
  id integer primary key, t integer not null, campaign integer, kind text not null, body text not null
) strict;
"""

_LATER: Final = """
-- what a user answered to a tag that was offered for somebody; fact: interest, cares; good 1 or 0; t UTC seconds
create table tag_verdict(
  account integer not null references account_key(id), fact text not null, value text not null, good integer not null,
  t integer not null, primary key(account, fact, value)
) strict, without rowid;
"""

_MARK: Final = f"pragma application_id = {APPLICATION_ID}"
_WINDOWS: Final = """
update job_slice set part = n, since = json_extract(spec, '$.since'), until = json_extract(spec, '$.until')
"""

STEPS: Final = (
    ("m001_first", _TABLES + ";" + _MARK),
    ("m002_authenticity", _AUTHENTICITY),
    ("m003_labels", _LABELS),
    ("m004_persons", _PERSONS),
    ("m005_doing", _DOING),
    ("m006_slices", _SLICES + ";" + _WINDOWS),
    ("m007_changes", _CHANGES),
    ("m008_winning", _WINNING),
    ("m009_later", _LATER),
)
"""The migrations, in the order in which versions brought them: name and script."""
SCRIPTS: Final = tuple(script for _, script in STEPS)


def apply(db: Database) -> None:
    """Bring a file to ``VERSION`` in one transaction: kill -9 at any moment leaves it whole, and of two processes the
    second finds nothing left to do.
    """
    from sqlite_utils import Migrations

    migrations = Migrations("xunke")
    for version, (name, script) in enumerate(STEPS, 1):
        migrations(name=name)(step(version, script))
    db.conn.execute("begin immediate")
    with db.conn:
        migrations.apply(db)


def step(version: int, script: str) -> Callable[[Database], None]:
    """The migration that brings a file from the version before to ``version``."""

    def bring(db: Database) -> None:
        for statement in _statements(script):
            db.execute(statement)
        db.execute(f"pragma user_version = {version}")

    return bring


def _statements(script: str) -> list[str]:
    lines = (line.partition("--")[0] for line in script.splitlines())
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]
