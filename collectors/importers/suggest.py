"""A mapping proposed from common Chinese and English column names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

FIELD_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "id": (
        "id",
        "postid",
        "编号",
        "帖子id",
        "微博id",
        "笔记id",
        "作品id",
        "视频id",
        "内容id",
        "文章id",
        "statusid",
        "tweetid",
    ),
    "text": (
        "text",
        "content",
        "body",
        "正文",
        "内容",
        "微博内容",
        "微博正文",
        "笔记内容",
        "帖子内容",
        "评论内容",
        "文本",
        "博文",
        "文案",
        "描述",
        "message",
        "description",
        "desc",
        "fulltext",
        "动态内容",
        "发布内容",
    ),
    "title": ("title", "标题", "笔记标题", "视频标题", "帖子标题", "subject", "headline", "主题"),
    "author": (
        "author",
        "authorname",
        "username",
        "user",
        "nickname",
        "screenname",
        "作者",
        "昵称",
        "用户名",
        "用户昵称",
        "博主",
        "发布者",
        "发布人",
        "作者昵称",
        "博主昵称",
        "账号",
        "账号名称",
        "达人昵称",
        "达人名称",
        "评论人",
        "楼主",
        "name",
        "姓名",
    ),
    "author_id": (
        "authorid",
        "userid",
        "uid",
        "用户id",
        "作者id",
        "博主id",
        "账号id",
        "达人id",
        "useridstr",
        "accountid",
        "发布者id",
    ),
    "created": (
        "created",
        "createdat",
        "date",
        "datetime",
        "time",
        "timestamp",
        "publishtime",
        "publishedat",
        "pubdate",
        "发布时间",
        "发表时间",
        "时间",
        "日期",
        "创建时间",
        "发布日期",
        "评论时间",
        "posttime",
        "createtime",
        "postedat",
    ),
    "url": (
        "url",
        "link",
        "链接",
        "地址",
        "网址",
        "原文链接",
        "笔记链接",
        "作品链接",
        "帖子链接",
        "permalink",
        "posturl",
        "微博链接",
    ),
    "likes": (
        "likes",
        "likecount",
        "likescount",
        "likedcount",
        "点赞",
        "点赞数",
        "赞",
        "赞数",
        "点赞量",
        "favorites",
        "获赞数",
    ),
    "comments": (
        "comments",
        "commentcount",
        "commentscount",
        "评论",
        "评论数",
        "评论量",
        "replies",
        "回复数",
        "replycount",
    ),
    "shares": (
        "shares",
        "sharecount",
        "sharescount",
        "reposts",
        "repostcount",
        "repostscount",
        "retweets",
        "转发",
        "转发数",
        "转发量",
        "分享",
        "分享数",
        "分享量",
    ),
    "saves": ("saves", "savecount", "collects", "collectcount", "collectedcount", "收藏", "收藏数", "收藏量"),
    "views": (
        "views",
        "viewcount",
        "playcount",
        "plays",
        "播放量",
        "播放数",
        "播放",
        "阅读量",
        "阅读数",
        "浏览量",
        "曝光量",
    ),
    "tags": ("tags", "hashtags", "topics", "话题", "标签", "话题标签", "tag"),
    "bio": ("bio", "简介", "个人简介", "用户简介", "作者简介", "博主简介", "个性签名"),
    "region": ("region", "location", "ip", "iplocation", "ip属地", "属地", "地区", "省份", "ip归属地", "所在地"),
    "gender": ("gender", "sex", "性别"),
    "followers": ("followers", "followercount", "followerscount", "fans", "粉丝", "粉丝数", "粉丝量"),
    "platform": ("platform", "平台", "来源平台"),
    "group": ("group", "小组", "圈子", "超话", "贴吧", "群组", "社区"),
    "query": ("keyword", "sourcekeyword", "query", "关键词", "搜索词", "搜索关键词"),
    "root": ("rootid", "主帖id", "原帖id", "threadid"),
    "reply_to": ("replyto", "replytoid", "parentid", "parentcommentid", "回复id", "上级id", "父评论id"),
    "repost_of": ("repostof", "retweetid", "转发自", "原微博id", "源微博id"),
}
"""Our field → column names that mean it, folded: lower case, without blanks, ``_`` and ``-``."""

_FIELD_OF: Final = {word: field for field, names in reversed(list(FIELD_NAMES.items())) for word in names}
_NOISE = re.compile(r"[\s_\-:：]+|[（(].*?[)）]")


def fold(name: str) -> str:
    """A column name for comparing."""
    return _NOISE.sub("", name).lower()


def suggest_mapping(header: Iterable[str]) -> dict[str, str] | None:
    """Our field → column for the columns whose meaning is plain; MISSING unless text and author are among them.

    The earlier name of ``FIELD_NAMES`` wins where two columns mean the same.
    """
    by_field: dict[str, tuple[int, str]] = {}
    for column in header:
        word = fold(column)
        if (field := _FIELD_OF.get(word)) is None:
            continue
        rank = FIELD_NAMES[field].index(word)
        if field not in by_field or rank < by_field[field][0]:
            by_field[field] = (rank, column)
    found = {field: by_field[field][1] for field in FIELD_NAMES if field in by_field}
    if "text" not in found and "title" in found:
        found["text"] = found.pop("title")
    if "text" not in found or not ("author" in found or "author_id" in found):
        return None
    return found
