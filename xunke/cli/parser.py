"""Arguments of every command."""

from __future__ import annotations

import argparse
import re
from typing import Any, ClassVar, Final

from xunke.i18n import Catalogue
from xunke.model import RANKERS

from . import winning
from .winning.lists import password, secret

LATER: Final = ("serve",)
"""Commands of the contract that this version does not have yet."""
EXPORTS: Final = ("csv", "xlsx", "jsonl", "json", "md", "html", "gexf", "graphml", "parquet", "vcf", "hashed")
LEXICON_OPS: Final = (
    "list", "add", "remove", "discover", "labels", "undo", "learn", "forget", "status", "export", "import", "path",
)  # fmt: skip


_SAID: Final = (
    (r"the following arguments are required: (?P<names>.+)", "cli.missing"),
    (r"unrecognized arguments: (?P<names>.+)", "cli.unknown_words"),
    (r"argument (?P<name>\S+): invalid choice: (?P<value>.+) \(choose from (?P<known>.+)\)", "cli.bad_choice"),
    (r"argument (?P<name>\S+): expected .*argument.*", "cli.needs_value"),
    (r"argument (?P<name>\S+): invalid int value: (?P<value>.+)", "cli.bad_whole"),
    (r"argument (?P<name>\S+): invalid float value: (?P<value>.+)", "cli.bad_number"),
)
"""What argparse says, and our key for it."""
_HEADINGS: Final = {
    "usage: ": "help.usage", "positional arguments:": "help.arguments", "options:\n": "help.options",
    "show this help message and exit": "help.help", "show program's version number and exit": "help.version",
}  # fmt: skip

_SYNONYMS: Final = {
    "create": ("new", "save", "add"), "new": ("create", "save", "add"), "add": ("new", "save", "done"),
    "make": ("new", "create", "save"), "delete": ("drop", "remove"), "remove": ("drop",), "rm": ("drop", "remove"),
    "ls": ("list", "all", "show"), "list": ("all", "show"), "split": ("new",), "result": ("show",),
    "results": ("result", "show"), "evaluate": ("result", "check"), "whynot": ("why-not",), "why": ("why-not",),
    "update": ("edit", "set", "refresh"), "end": ("close", "stop"), "costs": ("cost",), "codes": ("code",),
    "hits": ("hit",), "hitrate": ("hit",), "hit-rate": ("hit",), "beforeafter": ("before-after",), "may-i": ("may",),
    "validate": ("check",), "validity": ("check",), "status": ("show", "list"), "queue": ("today",),
}  # fmt: skip
"""{an operation as people may call it: our names of it, the first that a command has}; not in any help."""


class _Plain(argparse.HelpFormatter):
    """Help texts as they stand in the catalogue: a percent sign in them is a percent sign."""

    def _expand_help(self, action: argparse.Action) -> str:
        return action.help or ""


class _PlainRaw(_Plain, argparse.RawDescriptionHelpFormatter):
    """The same, keeping the lines of a description."""


class _Parser(argparse.ArgumentParser):
    """Errors in the user's language, with the exit code of wrong usage."""

    cat: ClassVar[Catalogue]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **({"formatter_class": _Plain} | more))

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        """What a word on the line stands for; an operation that a command calls otherwise is the command's."""
        value = super()._get_value(action, arg_string)
        if action.option_strings or action.choices is None or value in action.choices:
            return value
        return next((known for known in _SYNONYMS.get(value, ()) if known in action.choices), value)

    def error(self, message: str) -> Any:
        self.exit(2, self.cat.t("cli.usage", command=self.prog, detail=self._said(message)) + "\n")

    def format_help(self) -> str:
        for action in self._actions:  # what no sentence was written for: say at least what it is
            if action.help is None:
                kind = action.dest if action.dest in ("format", "out") else "op" if action.choices else "words"
                action.help = self.cat.t(
                    f"cli.any.{kind}", usual=action.default if isinstance(action.default, str) else "—"
                )
        text = super().format_help()
        for words, key in _HEADINGS.items():
            text = text.replace(words, self.cat.t(key))
        return text

    def _said(self, message: str) -> str:
        """argparse's own sentence in the user's language; one that is not known stays as it is."""
        for pattern, key in _SAID:
            if found := re.fullmatch(pattern, message):
                return self.cat.t(key, **{n: self._word(n, v) for n, v in found.groupdict().items()})
        return message

    def _word(self, name: str, value: str) -> str:
        """The part of argparse's sentence; what stands first behind the command has a name that people know."""
        value = value.replace("'", "")
        if name == "names":
            return spoken(value, self.cat)
        return self.cat.t("cli.first_word") if name == "name" and value in ("op", "name") else value


def spoken(names: str, cat: Catalogue) -> str:
    """What is missing, with the words of usage (PERSON, NAME) in the user's language where one is known."""

    def word(found: re.Match[str]) -> str:
        return cat.t(f"cli.word.{found[0]}") if cat.has(f"cli.word.{found[0]}") else found[0]

    return re.sub(r"(?<![-=A-Z])[A-Z]{2,}", word, names)


def _speaking(words: Catalogue) -> type[_Parser]:
    class Parser(_Parser):
        cat = words

    return Parser


def _common(cat: Catalogue) -> _Parser:
    """Options that stand before or after the command's name."""
    parent = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parent.add_argument_group(cat.t("cli.common"))
    group.add_argument("--db", metavar="FILE", help=cat.t("cli.db"))
    group.add_argument("--json", action="store_true", help=cat.t("cli.json"))
    group.add_argument("--lang", choices=("zh", "en"), help=cat.t("cli.lang"))
    group.add_argument("--today", metavar="DATE", help=cat.t("cli.today"))
    return parent


def build(cat: Catalogue) -> argparse.ArgumentParser:
    """The whole parser."""
    from xunke import __version__

    common = _common(cat)
    parser = _speaking(cat)(
        prog="xunke", parents=[common], description=cat.t("cli.about"), epilog=cat.t("cli.epilog"), allow_abbrev=False,
        formatter_class=_PlainRaw,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"xunke {__version__}")
    commands = parser.add_subparsers(dest="command", metavar=cat.t("cli.command"), parser_class=_speaking(cat))

    def add(name: str, **more: Any) -> _Parser:
        text, examples = cat.t(f"cli.{name}"), f"cli.examples.{name}"
        if cat.has(examples):
            told = f"{cat.t('cli.examples')}\n  {cat.t(examples)}"
            more = {"epilog": told, "formatter_class": _PlainRaw} | more
        return commands.add_parser(name, parents=[common], help=text, description=text, allow_abbrev=False, **more)

    _talk(add, cat)
    _data(add, cat)
    _people(add, cat)
    _care(add, cat)
    _lexicon(add, cat)
    _same(add, cat)
    _prove(add, cat)
    _network(add, cat)
    _spread(add, cat)
    for fill in winning.FILL:
        fill(add, cat)
    for name in LATER:  # whatever stands behind such a name is taken, options too
        commands.add_parser(name, add_help=False, prefix_chars="\0").add_argument("rest", nargs="*")
    return parser


def _run_options(parser: argparse.ArgumentParser, cat: Catalogue) -> None:
    parser.add_argument("--yes", "-y", action="store_true", help=cat.t("cli.yes"))
    parser.add_argument("--dry-run", action="store_true", help=cat.t("cli.dry_run"))


def _talk(add: Any, cat: Catalogue) -> None:
    ask = add("ask")
    ask.add_argument("sentence", nargs="+")
    _run_options(ask, cat)
    ask.add_argument("--offline", action="store_true", help=cat.t("cli.offline"))
    ask.add_argument("--allow-private-address", action="store_true", help=cat.t("cli.private"))
    ask.add_argument("--include-unlisted", action="store_true", help=cat.t("cli.unlisted"))
    plan = add("plan")
    plan.add_argument("sentence", nargs="*")
    plan.add_argument("--prev", metavar="FILE", help=cat.t("cli.prev"))
    plan.add_argument("--batch", metavar="FILE", help=cat.t("cli.batch"))
    plan.add_argument("--model", action="store_true", help=cat.t("cli.with_model"))
    demo = add("demo")
    demo.add_argument("--headless", action="store_true", help=cat.t("cli.headless"))
    add("help").add_argument("term", nargs="*", metavar="TERM", help=cat.t("cli.help_term"))


def _data(add: Any, cat: Catalogue) -> None:
    bring = add("import")
    bring.add_argument("paths", nargs="*", metavar="PATH")
    bring.add_argument("--format", default="auto", metavar="NAME", help=cat.t("cli.format"))
    bring.add_argument("--map", metavar="FILE", help=cat.t("cli.map"))
    bring.add_argument("--dry-run", action="store_true", help=cat.t("cli.dry_run"))
    bring.add_argument("--list", action="store_true", help=cat.t("cli.list_formats"))
    collect = add("collect")
    collect.add_argument("platform")
    _subject(collect, cat, required=True)
    collect.add_argument("--follow", type=float, metavar="MINUTES", help=cat.t("cli.follow"))
    _reach(collect, cat)
    _budget(collect, cat)
    _watch(add("watch"), cat)
    jobs = add("jobs")
    ops = ("list", "show", "gaps", "refetch", "pause", "resume", "cancel", "run", "due", "history")
    jobs.add_argument("op", nargs="?", default="list", choices=ops)
    jobs.add_argument("id", nargs="?", metavar="ID|NAME")
    jobs.add_argument("--yes", "-y", action="store_true", help=cat.t("cli.yes"))
    jobs.add_argument("--allow-private-address", action="store_true", help=cat.t("cli.private"))
    jobs.add_argument("--ca-file", metavar="FILE", help=cat.t("cli.ca_file"))
    jobs.add_argument("--now", action="store_true", help=cat.t("cli.job_now"))
    jobs.add_argument("--all", action="store_true", help=cat.t("cli.job_all"))
    _budget(jobs, cat)
    doctor = add("doctor")
    doctor.add_argument("platforms", nargs="*", metavar="PLATFORM")
    doctor.add_argument("--check", action="store_true", help=cat.t("cli.doctor_check"))
    _reach(doctor, cat)
    _connect(add("connect"), cat)
    export = add("export")
    export.add_argument("what", metavar="WHAT", help=cat.t("cli.what"))
    # -- arrays: networks
    export.add_argument("--format", default=None, choices=EXPORTS)
    export.add_argument("--out", metavar="PATH", required=True)
    export.add_argument("--yes", "-y", action="store_true", help=cat.t("cli.list_yes"))
    for name in ("since", "until"):
        export.add_argument(f"--{name}", metavar="D", help=cat.t("cli.network_only"))
    export.add_argument("--kinds", metavar="repost,reply,…", help=cat.t("cli.network_only"))
    export.add_argument("--topic", metavar="WORDS", help=cat.t("cli.network_topic"))
    export.add_argument("--platform", metavar="NAME", help=cat.t("cli.network_only"))
    export.add_argument("--limit", type=int, metavar="N", help=cat.t("cli.network_limit"))
    # -- arrays
    export.add_argument("--vcard4", action="store_true", help=cat.t("cli.export_vcard4"))
    export.add_argument("--md5", action="store_true", help=cat.t("cli.export_md5"))
    export.add_argument("--entrusted", action="store_true", help=cat.t("cli.export_entrusted"))
    secret(export, cat)
    password(export, cat)


def _subject(parser: argparse.ArgumentParser, cat: Catalogue, *, required: bool) -> None:
    """What is fetched."""
    parser.add_argument("--instance", metavar="URL")
    what = parser.add_mutually_exclusive_group(required=required)
    for mode in ("tag", "topic", "group", "keyword", "account", "post"):
        what.add_argument(f"--{mode}", metavar=mode[0].upper(), help=cat.t(f"cli.mode_{mode}"))
    relations = "replies,reposts,likes,quotes,followers,following"
    parser.add_argument("--with", dest="relations", default="", metavar=relations, help=cat.t("cli.relations"))
    parser.add_argument("--limit", type=int, metavar="N")
    parser.add_argument("--since", metavar="D")
    parser.add_argument("--until", metavar="D")


def _watch(watch: argparse.ArgumentParser, cat: Catalogue) -> None:
    ops = ("list", "add", "run", "digest", "pause", "resume", "cancel")
    watch.add_argument("op", nargs="?", default="list", choices=ops)
    watch.add_argument("what", nargs="?", metavar="PLATFORM|NAME", help=cat.t("cli.watch_what"))
    _subject(watch, cat, required=False)
    watch.add_argument("--every", default="1d", metavar="6h|1d|1w", help=cat.t("cli.watch_every"))
    watch.add_argument("--at", metavar="HH:MM", help=cat.t("cli.watch_at"))
    watch.add_argument("--name", metavar="NAME", help=cat.t("cli.watch_name"))
    _reach(watch, cat)


def _reach(parser: argparse.ArgumentParser, cat: Catalogue) -> None:
    """How far a command may reach out."""
    parser.add_argument("--allow-private-address", action="store_true", help=cat.t("cli.private"))
    parser.add_argument("--ca-file", metavar="FILE", help=cat.t("cli.ca_file"))


def _connect(connect: argparse.ArgumentParser, cat: Catalogue) -> None:
    connect.add_argument("platform", nargs="?", metavar="PLATFORM")
    connect.add_argument("--instance", metavar="URL", help=cat.t("cli.connect_instance"))
    connect.add_argument("--login", nargs="?", const="", metavar="KIND", help=cat.t("cli.login"))
    connect.add_argument("--stdin", action="store_true", help=cat.t("cli.stdin"))
    where = connect.add_mutually_exclusive_group()
    where.add_argument("--env", nargs="?", const="", metavar="NAME", help=cat.t("cli.env"))
    where.add_argument("--file", action="store_true", help=cat.t("cli.file"))
    where.add_argument("--list", action="store_true", help=cat.t("cli.connect_list"))
    where.add_argument("--remove", action="store_true", help=cat.t("cli.connect_remove"))
    _reach(connect, cat)
    _model(connect, cat)


def _budget(parser: argparse.ArgumentParser, cat: Catalogue) -> None:
    parser.add_argument("--max-requests", type=int, metavar="N", help=cat.t("cli.max_requests"))
    parser.add_argument("--max-minutes", type=float, metavar="M", help=cat.t("cli.max_minutes"))


def _model(connect: argparse.ArgumentParser, cat: Catalogue) -> None:
    """Options of ``connect llm``."""
    connect.add_argument("--endpoint", metavar="URL", help=cat.t("cli.endpoint"))
    connect.add_argument("--model", metavar="NAME", help=cat.t("cli.llm_model"))
    key = connect.add_mutually_exclusive_group()
    key.add_argument("--key-env", metavar="NAME", help=cat.t("cli.key_env"))
    key.add_argument("--key", action="store_true", help=cat.t("cli.key"))
    key.add_argument("--forget-key", action="store_true", help=cat.t("cli.forget_key"))
    connect.add_argument("--key-in-file", action="store_true", help=cat.t("cli.key_in_file"))
    connect.add_argument(
        "--local-only", action=argparse.BooleanOptionalAction, default=None, help=cat.t("cli.local_only")
    )
    connect.add_argument("--deadline", type=float, metavar="SECONDS", help=cat.t("cli.llm_deadline"))
    switch = connect.add_mutually_exclusive_group()
    switch.add_argument("--on", action="store_true", help=cat.t("cli.llm_on"))
    switch.add_argument("--off", action="store_true", help=cat.t("cli.llm_off"))


def _people(add: Any, cat: Catalogue) -> None:
    score = add("score")
    score.add_argument("file", nargs="?", default="-", metavar="FILE")
    score.add_argument("--engine", default="xunke", choices=("xunke", "snownlp"))
    score.add_argument("--explain", action="store_true", help=cat.t("cli.explain"))
    rank = add("rank")
    rank.add_argument("--by", metavar="NAME", help=cat.t("cli.rank_by", known=", ".join(("target", *RANKERS))))
    rank.add_argument("--topic", metavar="WORDS")
    rank.add_argument("--since", metavar="D")
    rank.add_argument("--until", metavar="D")
    rank.add_argument("--kinds", metavar="repost,reply,…")
    rank.add_argument("--limit", type=int, default=50, metavar="N")
    weights = add("weights")
    weights.add_argument("changes", nargs="*", metavar="NAME=NUMBER", help=cat.t("cli.weights_change"))
    why = add("why")
    why.add_argument("person")
    why.add_argument("--result", type=int, metavar="N", help=cat.t("cli.result"))
    why.add_argument("--not", dest="absent", action="store_true", help=cat.t("cli.why_not"))
    add("person").add_argument("person")


def _care(add: Any, cat: Catalogue) -> None:
    suppress = add("suppress")
    suppress.add_argument("op", nargs="?", default="list", choices=("add", "remove", "list"))
    suppress.add_argument("accounts", nargs="*", metavar="PERSON")
    forget = add("forget")
    forget.add_argument("person", nargs="?", metavar="PERSON")
    forget.add_argument("--everything", action="store_true", help=cat.t("cli.forget_everything"))
    forget.add_argument("--confirm", metavar="FILE", help=cat.t("cli.forget_confirm"))
    forget.add_argument("--yes", "-y", action="store_true", help=cat.t("cli.yes"))
    add("audit").add_argument("op", nargs="?", default="list", choices=("verify", "list"))
    add("own").add_argument("account", nargs="?", help=cat.t("cli.own_account"))


def _lexicon(add: Any, cat: Catalogue) -> None:
    label = add("label")
    label.add_argument("post", metavar="POST", help=cat.t("cli.label_post"))
    label.add_argument("answers", nargs="*", metavar="QUESTION=ANSWER", help=cat.t("cli.label_answers"))
    lexicon = add("lexicon")
    lexicon.add_argument("op", nargs="?", default="list", choices=LEXICON_OPS)
    lexicon.add_argument("words", nargs="*", metavar="WORD", help=cat.t("cli.lexicon_words"))
    lexicon.add_argument("--weight", type=float, metavar="N", help=cat.t("cli.lexicon_weight"))
    lexicon.add_argument("--out", metavar="FILE", help=cat.t("cli.lexicon_out"))
    lexicon.add_argument("--limit", type=int, default=30, metavar="N")
    lexicon.add_argument("--dry-run", action="store_true", help=cat.t("cli.lexicon_dry"))
    lexicon.add_argument("--force", action="store_true", help=cat.t("cli.lexicon_force"))
    lexicon.add_argument("--save", action="store_true", help=cat.t("cli.lexicon_save"))


# -- people --


def _same(add: Any, cat: Catalogue) -> None:
    same = add("same")
    same.add_argument("op", nargs="?", default="list", choices=("find", "list", "show", "accept", "reject", "undo"))
    same.add_argument("ids", nargs="*", metavar="ID", help=cat.t("cli.same_ids"))
    same.add_argument("--all", action="store_true", help=cat.t("cli.same_all"))
    same.add_argument("--limit", type=int, default=50, metavar="N")
    mark = add("mark")
    mark.add_argument("person", nargs="?", metavar="PERSON")
    mark.add_argument("good", nargs="?", choices=("good", "bad", "none"), help=cat.t("cli.mark_good"))
    mark.add_argument("--list", metavar="NAME", help=cat.t("cli.mark_list"))
    alike = add("lookalike")
    alike.add_argument("--like", nargs="+", metavar="LIST|PERSON", help=cat.t("cli.like"))
    alike.add_argument("--unlike", nargs="+", metavar="LIST|PERSON", help=cat.t("cli.unlike"))
    alike.add_argument("--limit", type=int, default=50, metavar="N")
    compare = add("compare")
    compare.add_argument("one", metavar="PERSON")
    compare.add_argument("two", metavar="PERSON")
    compare.add_argument("--result", type=int, metavar="N", help=cat.t("cli.result"))
    filters = add("filters")
    filters.add_argument("changes", nargs="*", metavar="NAME=VALUE", help=cat.t("cli.filters_change"))


# -- end people --


# -- prove
def _prove(add: Any, cat: Catalogue) -> None:
    test = add("backtest")
    test.add_argument("--windows", type=int, default=5, metavar="N", help=cat.t("cli.backtest_windows"))
    test.add_argument("--horizon", metavar="7d", help=cat.t("cli.backtest_horizon"))
    test.add_argument("--top", type=int, metavar="K", help=cat.t("cli.backtest_top"))
    test.add_argument("--by", metavar="influence,influence@6h,…", help=cat.t("cli.backtest_by"))
    test.add_argument("--topic", metavar="WORDS")
    test.add_argument("--since", metavar="D")
    test.add_argument("--until", metavar="D")
    test.add_argument("--kinds", metavar="repost,reply,…")
    test.add_argument("--use", action="store_true", help=cat.t("cli.backtest_use"))


# -- /prove


# -- measures


def _network(add: Any, cat: Catalogue) -> None:
    groups = add("communities")
    groups.add_argument("--topic", metavar="WORDS", help=cat.t("cli.topic_posts"))
    groups.add_argument("--min", type=int, default=5, metavar="N", help=cat.t("cli.min_size"))
    groups.add_argument("--bridges", action="store_true", help=cat.t("cli.bridges"))
    cascade = add("cascade")
    cascade.add_argument("post", nargs="?", metavar="POST", help=cat.t("cli.cascade_post"))
    cascade.add_argument("--top", type=int, metavar="N", help=cat.t("cli.cascade_top"))
    cascade.add_argument("--person", metavar="PERSON", help=cat.t("cli.cascade_person"))
    overlap = add("overlap")
    overlap.add_argument("people", nargs="+", metavar="PERSON", help=cat.t("cli.overlap_people"))
    for parser in (groups, cascade, overlap):
        parser.add_argument("--since", metavar="D")
        parser.add_argument("--until", metavar="D")
        parser.add_argument("--kinds", metavar="repost,reply,…")
        parser.add_argument("--limit", type=int, metavar="N")


# -- end of measures


# -- spread


def _spread(add: Any, cat: Catalogue) -> None:
    seeds = add("seeds")
    seeds.add_argument("--budget", type=float, default=10.0, metavar="N", help=cat.t("cli.seeds_budget"))
    seeds.add_argument("--by", default="direct", choices=("direct", "spread"), help=cat.t("cli.seeds_by"))
    seeds.add_argument("--cost", metavar="RULE|FILE", help=cat.t("cli.seeds_cost"))
    seeds.add_argument("--quota", action="append", default=[], metavar="COMMUNITY=SHARE", help=cat.t("cli.seeds_quota"))
    seeds.add_argument("--per-community", type=int, metavar="N", help=cat.t("cli.seeds_each"))
    seeds.add_argument("--topic", metavar="WORDS", help=cat.t("cli.seeds_topic"))
    seeds.add_argument("--among", metavar="LIST|RESULT", help=cat.t("cli.seeds_among"))
    seeds.add_argument("--audience", metavar="LIST|RESULT", help=cat.t("cli.seeds_audience"))
    seeds.add_argument("--since", metavar="D")
    seeds.add_argument("--until", metavar="D")
    seeds.add_argument("--kinds", metavar="repost,reply,…")
    seeds.add_argument("--epsilon", type=float, default=0.1, metavar="E", help=cat.t("cli.seeds_epsilon"))
    shown = seeds.add_mutually_exclusive_group()
    shown.add_argument("--compare", action="store_true", help=cat.t("cli.seeds_compare"))
    shown.add_argument("--backtest", action="store_true", help=cat.t("cli.seeds_backtest"))


# -- end of spread
