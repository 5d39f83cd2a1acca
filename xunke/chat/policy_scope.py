"""What a clause only speaks of: topics, quotations, counts, sorting, what is left out, what protects.

``talked_about`` takes the classes of such words off, so that the rules see what is asked for.
"""

from __future__ import annotations

import re
from typing import Final

from .policy_words import Clause, Later, Word, names, strip

_SPOKEN: Final = names(
    "contact contact_act group_send comment_noun send message once plant buy weak_get metric fake push_up "
    "fabricate review hire praise alt_account attack_rival pii pii_weak whereabouts obtain dm_noun "
    "dm_only barrier defeat evasion undetected cred cred_hard of_cred jailbreak override rules_word trait "
    "trait_person dimension minor minor_weak age_minor critic unmask dox optout optout_list lift_list "
    "oos_say weather stock make made trip book auto one_by many under to attack_site their person "
    "in_group own_place sell"
)
"""Classes that a topic takes off: posts may be about all of this."""
_TRAITS: Final = _SPOKEN | {"hidden"}
_PLAINLY: Final = _SPOKEN - {"group_send", "critic", "dox", "unmask"}
"""What a topic takes off that is said of people (博主) or without a verb for talking."""
_NOUNS: Final = frozenset({"contact", "dm_verb", "comment_noun", "metric", "message"})
_LEFT_OUT: Final = names(
    "contact contact_act group_send comment_noun send message fake pii pii_weak hidden dm_noun dm_only "
    "optout minor minor_weak age_minor trait trait_person alt_account metric auto one_by plant many "
    "creator person"
)
_TAKE_AWAY: Final = names("去掉 剔除 过滤 过滤掉 排除 清掉 筛掉 屏蔽 删掉 删去 除去 踢掉 去除 刨除 刨掉")
_WHOLE: Final = frozenset({"全部", "全", "每条", "每篇", "每个", "每位"})
_COUNTED: Final = Later(
    r"\s?(?:的(?!人都|都)|过(?!一|来|去|瘾)|在|大于|超过|超|不低于|不少于|至少|≥|>|最|前|排|从|越"
    r"|数|量|率|区|里|中|内容|变化|增长|情况|记录|分析|情感|趋势|走势|占|分布"
    r"|比|榜|破|达|有|多于|高于|低于|以上|以下|上[百千万]|top|\d[\d.]*\s?[万千wk]?(?:\+|以上|以下|到|-|~|过|的|$|\s|[,，。])"
    r"|(?:count|section|number|rate|volume|sentiment|analysis|ratio|button)s?\b)"
)
_PASSIVE: Final = frozenset("被遭挨")
_NUMBER_OF: Final = Later(r"[数量率]")
_NOUNISH: Final = Later(r"\s?(?:最|很|太|真的|率|功能|设置|让人|烦|题材|是不是|到底|多吗|情节)")
_VICTIM: Final = frozenset({"dox", "contact", "contact_act", "group_send", "fake", "critic", "critic_us", "expose_it"})
"""Who is written to (被群发) or exposed does it to nobody."""
_FETCHED: Final = frozenset({"评论", "留言", "回复", "comment", "comments", "replies", "likes"})
_WISH: Final = Later(r"(?:想|要|打算|准备|考虑|计划)\Z")
_RANKED: Final = Later(r"\s?(?:最|率|占|比例|含量|多不多|少|多|数量|有多少)")
_COUNTS: Final = Later(
    r"(?:按|按照|平均|总|高|低|多|零|无|以|by\s|most\s|of\s|over\s|more\s|average\s|who\s|that\s|people\s|users\s|fans\s)\Z"
)
_JOINT: Final = Later(r"\s?(?:和|、|或者?|与|跟|以及|and|or)\s?\Z")
_HEAD_ENDS: Final = Later(r"\s?的?(?:下面|底下|下方|评论区|楼下|里面?(?:都|全|挨|自动|统一|发|留)|主页)")
_TO_LIST: Final = Later(r"(?:\bto|\bon|\bonto|\bin|\binto)\s(?:the\s|our\s|my\s)?\Z")
_DOERS: Final = names(
    "to auto one_by contact contact_act group_send send buy weak_get use defeat make fabricate hire fake "
    "help_me log_in read_dm obtain change revive lift_list"
)
"""Without one of these before it, what stands before posts is their topic: 已婚女性穿搭笔记."""
_STOPS: Final = names("data pick many to auto use defeat override account quantity pickup url")
_ACTS: Final = names("contact contact_act group_send send buy defeat read_dm obtain dox revive lift_list data pick use")


def talked_about(clause: Clause) -> None:
    """Take off what is not asked for, in place."""
    _left_out(clause.words, clause.text)
    _counted(clause)
    _topics(clause)
    _protected(clause)


def _left_out(words: list[Word], text: str) -> None:
    """不要私信, 去掉水军和小号, no bots: the next word is not wanted."""
    until, chain = -1, False
    for word in words:
        if "exclude" in word.classes:
            until, chain = word.end + (6 if word.text.isascii() else 3), True
        elif chain and word.start <= until:
            if word.classes & {"barrier", "rules_word", "undetected", "optout_list", "data"}:
                chain = False
                continue
            if word.classes & _LEFT_OUT:
                strip([word], _LEFT_OUT)
            until = word.end + 2
        else:
            chain = False
    for place, word in enumerate(words[1:], 1):  # 把退订的去掉, 水军和营销号剔除
        before = place - 1
        if word.text not in _TAKE_AWAY or not 0 <= word.start - words[before].end <= 4:
            continue
        while not words[before].classes & {"barrier", "optout_list"}:
            strip([words[before]], _LEFT_OUT)
            if before == 0 or not _JOINT.match(text[words[before - 1].end : words[before].start]):
                break
            before -= 1


def _counted(clause: Clause) -> None:
    """点赞500以上, 按评论数, 抓评论: what is counted, sorted by or fetched, is no act."""
    data = None
    for place, word in enumerate(clause.words):
        kinds = word.classes
        if "buy" in kinds and _wished(clause, place):
            strip([word], frozenset({"buy"}))  # 想买相机的用户
        if clause.text[word.start - 1 : word.start] in _PASSIVE and word.start:
            strip([word], _VICTIM)
            kinds = word.classes
        if kinds & {"group_send", "contact_act", "fake"} and _NOUNISH.match(clause.text, word.end):
            strip([word], frozenset({"group_send", "contact_act", "fake", "contact", "auto"}))
            kinds = word.classes
        if "dm_noun" in kinds and _NUMBER_OF.match(clause.text, word.end):
            strip([word], frozenset({"dm_noun", "contact", "dm_verb", "message"}))
            kinds = word.classes
        if kinds & {"data", "read_dm"} and not kinds & {"contact", "send"}:
            data = place
        elif kinds & {"auto", "to", "contact_act", "send"} or ("one_by" in kinds and word.text not in _WHOLE):
            data = None
        elif kinds & _NOUNS or "fake" in kinds:
            noun = bool(_COUNTED.match(clause.text, word.end))
            if "fake" in kinds and _RANKED.match(clause.text, word.end):
                strip([word], frozenset({"fake"}))
            if "的" in clause.text[word.start - 1 : word.start] and kinds & {"comment_noun", "metric"}:
                noun = True
            driven = any(
                w.classes & {"auto", "to", "one_by", "buy"}
                and word.start - w.end <= (12 if "buy" in w.classes else 6)
                and w.text not in _WHOLE
                for w in clause.words[max(0, place - 2) : place]
            )
            if (
                _COUNTS.search(clause.text[max(0, word.start - 8) : word.start])
                or (noun and not driven)
                or (data is not None and word.text in _FETCHED and "once" not in _next(clause, place))
            ):
                strip([word], _NOUNS)


def _wished(clause: Clause, place: int) -> bool:
    """Is it somebody else who wants to buy?"""
    before = clause.text[max(0, clause.words[place].start - 2) : clause.words[place].start]
    return _WISH.search(before) is not None and any(
        w.classes & {"person", "creator"} and clause.text[w.start - 1] == "的" for w in clause.words[place:]
    )


def _next(clause: Clause, place: int) -> frozenset[str]:
    after = clause.words[place + 1 : place + 2]
    return after[0].classes if after and after[0].start - clause.words[place].end <= 1 else frozenset()


def _topics(clause: Clause) -> None:
    """聊封号经历的帖子, posts about fake reviews: what stands between is what it is about."""
    words, text = clause.words, clause.text
    heads = [
        place
        for place, word in enumerate(words)
        if word.classes & {"content", "creator"} and not _HEAD_ENDS.match(text, word.end)
    ]
    for place, word in enumerate(words):
        if "about" in word.classes or ("about_weak" in word.classes and _driven(words, place)):
            _after_about(words, text, place, heads)
    for place in heads:
        _before_head(words, text, place)
        if _ENGLISH_ABOUT.match(text, words[place].end):
            _after_about(words, text, place, heads)
    for word in words:
        if word.classes & {"quoted", "url"}:
            word.classes = frozenset({"own"}) if "quoted" in word.classes else word.classes


_ENGLISH_ABOUT: Final = Later(r"\s(?:on|about|around|of|regarding)\s", re.IGNORECASE)


def _driven(words: list[Word], place: int) -> bool:
    """Is a weak word for talking (做, 写, 发) not part of an act (自动发, 给她们写)?"""
    before = words[place - 1] if place else None
    return before is None or not before.classes & {"auto", "to", "one_by", "help_me", "hire", "alt_account"}


def _after_about(words: list[Word], text: str, place: int, heads: list[int]) -> None:
    about = words[place]
    latin = text[about.start].isascii()
    strong = "about" in about.classes
    if latin:
        end = len(text)
        for other in words[place + 1 :]:
            joint = re.search(r"(?:\band\b|\bthen\b|,)\s(?:also\s|then\s)?\Z", text[: other.start][-16:])
            if joint and other.classes & _ACTS:
                end = other.start
                break
    else:
        head = next((words[h] for h in heads if h > place and not _parted(words, place, h)), None)
        if head is not None:
            end = head.start
            if not strong and "的" not in text[about.end : head.end] and head.start - about.end > 12:
                return
        elif strong:
            stop = next(
                (w for w in words[place + 1 :] if w.classes & {"person", "data", "pick", "search_who", "unmask", "to"}),
                None,
            )
            end = stop.start if stop else len(text)
        else:
            return
        if head is not None and "creator" in head.classes and "content" not in head.classes:
            _strip_between(words[place + 1 :], about.end, end, _TRAITS - {"critic", "dox", "unmask", "optout"})
            return
    _strip_between(words[place + 1 :], about.end, end, _TRAITS)
    if head_is_content(words, heads, place, latin):
        strip([about], frozenset({"critic", "send", "make", "attack_rival", "defeat", "contact"}))


def head_is_content(words: list[Word], heads: list[int], place: int, latin: bool) -> bool:
    """Does the topic that begins at ``place`` lead to posts?"""
    if latin:
        return False
    head = next((words[h] for h in heads if h > place), None)
    return head is not None and "content" in head.classes


def _parted(words: list[Word], place: int, head: int) -> bool:
    """Does an act or a person stand between a word for talking and a head?"""
    return any(w.classes & {"to", "auto", "one_by"} for w in words[place + 1 : head])


def _strip_between(words: list[Word], start: int, end: int, classes: frozenset[str]) -> None:
    strip((w for w in words if start <= w.start < end), classes)


def _before_head(words: list[Word], text: str, place: int) -> None:
    """刷单骗局的笔记, fake review posts: what qualifies posts is their topic, though nobody says 聊."""
    head = words[place]
    if text[head.start].isascii():
        if "content" not in head.classes:
            return
        start = head.start
        for match in reversed(list(re.finditer(r"[a-z0-9'-]+", text[max(0, head.start - 48) : head.start].lower()))):
            if match[0] in _ENGLISH_STOPS:
                break
            start = max(0, head.start - 48) + match.start()
        span = [w for w in words[:place] if w.start >= start and not w.classes & _STOPS - {"pick"}]
        strip(span, _PLAINLY - {"contact_act", "buy"})
        return
    first, driver = 0, False
    for back in range(place - 1, -1, -1):
        kinds = words[back].classes
        if (kinds & _STOPS or words[back].text in ("把", "将")) and not (
            "creator" in kinds or ("person" in kinds and "many" in kinds)
        ):
            first, driver = back + 1, bool(kinds & {"data", "pick"})
            break
    begin = words[first - 1].end if first else 0
    if first and words[first - 1].classes & {"auto", "to"}:
        first += 1  # 自动评论防晒的笔记
    joined = text[begin : head.start]
    bound = "的" in joined or "相关" in joined or driver or not any(w.classes & _DOERS for w in words[:place])
    if "content" in head.classes and bound:
        acts = any(w.classes & {"contact_act", "defeat", "fabricate", "use"} for w in words[first:place])
        if not acts or joined.endswith(("的", "相关", "类")):
            for word in words[first:place]:
                if not word.classes & {"group_send", "oos_say"} or "的" in text[word.end : head.start]:
                    strip([word], _SPOKEN)
    elif "creator" in head.classes and place and words[place - 1].end == head.start:
        strip([words[place - 1]], frozenset({"trait_person", "stock", "made", "weather", "fake", "critic", "oos_say"}))


_ENGLISH_STOPS: Final = names(
    "to for on under with from the all every each these those their his her my our your a an some and "
    "then of in by find show get list buy send leave post write make delete scrape collect pull read see "
    "give us me add like follow comment private locked hidden friends-only who that which more"
)


def _protected(clause: Clause) -> None:
    """What protects somebody is no offence: 加到免打扰, 把@某人 移出免打扰, 孩子…的宝妈."""
    words, text = clause.words, clause.text
    account = clause.has("account", "own")
    for place, word in enumerate(words):
        if "optout_list" in word.classes or "optout" in word.classes:
            before = words[place - 1] if place else None
            into = before is not None and "add_to" in before.classes and word.start - before.end <= 5
            if into or (not clause.has("many") and _TO_LIST.search(text[max(0, word.start - 12) : word.start])):
                strip([word, *([before] if into and before else [])], frozenset({"optout", "optout_list", "revive"}))
            elif (
                account
                and "optout_list" in word.classes
                and any("account" in w.classes and 0 <= w.start - word.end <= 6 for w in words[place + 1 :])
            ):
                strip(words[place:], frozenset({"optout", "optout_list", "revive"}))  # 勿扰名单加上 @某人
            elif account and any(w.classes & {"take_off"} for w in words) and not clause.has("disregard"):
                strip([word], frozenset({"optout", "optout_list"}))
        if word.classes & {"minor", "minor_weak", "age_minor"} and any(
            "carer" in w.classes
            and (not word.text.startswith(("未", "没", "还没")) or w.start > word.end)
            and w.start - word.end <= 8
            for w in words[place + 1 : place + 4]
        ):
            strip([word], frozenset({"minor", "minor_weak", "age_minor"}))
    if clause.has("why_not", "harmless_question", "ask_self"):
        for word in words:
            word.classes = word.classes & {"data", "content", "creator"}
