"""Feeds saved to a file: RSS, Atom, JSON Feed, RSSHub's own object. Nothing is fetched, no entity is expanded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from collectors.feed_items import NotAFeed, UnsafeXml, post_of, read_xml
from xunke.errors import BadInput
from xunke.model import Record

from .base import Context, RawRow
from .source import Source

MAX_XML: Final = 64 * 1024 * 1024


def xml_rows(source: Source) -> Iterator[RawRow]:
    """The entries of an RSS or Atom file as JSON Feed items.

    Raises BadInput for files that declare entities, are no feed, or are larger than 64 MiB.
    """
    if source.size > MAX_XML:
        raise BadInput("import.feed_too_large", path=source.shown, limit=MAX_XML // 2**20)
    try:
        feed = read_xml(b"".join(source.chunks()))
    except UnsafeXml as error:
        raise BadInput("import.unsafe_xml", path=source.shown) from error
    except NotAFeed as error:
        raise BadInput("import.not_a_feed", path=source.shown) from error
    source.rows_total, source.rows_done = len(feed.items), 0
    for item in feed.items:
        source.rows_done += 1
        yield "items", item, None


def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """One JSON Feed item (or RSSHub item). A date that the feed could not tell is noted and MISSING."""
    if context.table not in ("items", "item"):
        return ()
    return (post_of(row, context.field),)
