"""Writes the import fixtures: small invented files in the exact shapes that the tools write.

Run: python tests/data/make_import_fixtures.py. Names, ids and texts are invented; no person is meant.
"""

# ruff: noqa: E501  (rows stand on one line, as in the files)
from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "imports"
TS = 1795190000123
H = "0123456789abcdef"

WEIBO = {"note_id": "5230000000000001", "content": "#咖啡# 新店打卡 @示例用户乙 电话13812345678", "create_time": 1795181400,
         "create_date_time": "2026-11-20 21:30:00+08:00", "liked_count": "1.2万", "comments_count": "5",
         "shared_count": "2", "last_modify_ts": TS, "note_url": "https://m.weibo.cn/detail/5230000000000001"}  # fmt: skip
WEIBO_1 = {"ip_location": "上海", "user_id": "1700000001", "nickname": "示例用户甲", "gender": "f",
           "profile_url": "https://m.weibo.cn/u/1700000001", "avatar": "https://tvax1.sinaimg.cn/a.jpg"}  # fmt: skip
COMMENT = {"comment_id": "5230000000001001", "create_time": 1795183200, "create_date_time": "2026-11-20 22:00:00+08:00",
           "note_id": "5230000000000001", "content": "想去！", "sub_comment_count": "1", "comment_like_count": "12",
           "last_modify_ts": TS}  # fmt: skip
XHS = {"note_id": "65f000000000000000000001", "type": "normal", "title": "周末探店", "desc": "#咖啡[话题]# 真好喝",
       "video_url": "", "time": 1795000000000, "last_update_time": 1795000001000}  # fmt: skip
XHS_END = {"liked_count": "1.2万", "collected_count": "300", "comment_count": "45", "share_count": "12",
           "image_list": "http://sns-webpic-qc.xhscdn.com/a", "tag_list": "咖啡,探店", "last_modify_ts": TS,
           "note_url": "https://www.xiaohongshu.com/explore/65f000000000000000000001?xsec_token=ABxxx=&xsec_source=pc_search",
           "source_keyword": "咖啡", "xsec_token": "ABxxx="}  # fmt: skip

MEDIACRAWLER: dict[str, list[dict[str, Any]]] = {
    "g1/weibo/search_contents": [
        {**WEIBO, **WEIBO_1, "source_keyword": "咖啡"},
        {**WEIBO, **WEIBO_1, "note_id": "5230000000000002", "content": "手冲入门", "user_id": "1700000002",
         "nickname": "示例用户乙", "gender": "m", "liked_count": "", "source_keyword": "咖啡"},
    ],
    "g2/weibo/search_contents": [{**WEIBO, "creator_hash": H, "nickname": "示***甲", "source_keyword": "咖啡"}],
    "g1/weibo/search_comments": [
        {**COMMENT, "ip_location": "江苏", "parent_comment_id": "5230000000001001", "user_id": "1700000003",
         "nickname": "示例用户丙", "gender": "m", "profile_url": "", "avatar": ""},
        {**COMMENT, "comment_id": "5230000000001002", "content": "一起", "ip_location": "上海",
         "parent_comment_id": "5230000000001001", "user_id": "1700000001", "nickname": "示例用户甲", "gender": "f",
         "profile_url": "", "avatar": ""},
    ],
    "g2/weibo/search_comments": [{**COMMENT, "parent_comment_id": "5230000000001001", "creator_hash": H, "nickname": "示***丙"}],
    "g1/weibo/creator_creators": [
        {"user_id": "1700000001", "nickname": "示例用户甲", "gender": "Female", "avatar": "", "desc": "爱咖啡",
         "ip_location": "上海", "follows": 120, "fans": "1.2万", "tag_list": "", "last_modify_ts": TS},
        {"user_id": "1700000002", "nickname": "示例用户乙", "gender": "Male", "avatar": "", "desc": "", "ip_location": "",
         "follows": 12, "fans": "300", "tag_list": "", "last_modify_ts": TS},
    ],
    "g1/xhs/search_contents": [{**XHS, "user_id": "5a0000000000000000000001", "nickname": "示例薯", "avatar": "x", "ip_location": "上海", **XHS_END}],
    "g2/xhs/search_contents": [{**XHS, "creator_hash": H, "nickname": "示***薯", **XHS_END}],
    "g1/xhs/search_comments": [
        {"comment_id": "65f100000000000000000001", "create_time": 1795001000000, "ip_location": "江苏",
         "note_id": "65f000000000000000000001", "content": "求地址", "user_id": "5a0000000000000000000003",
         "nickname": "示例薯三", "avatar": "", "sub_comment_count": "1", "pictures": "", "parent_comment_id": 0,
         "last_modify_ts": TS, "like_count": "3"}],
    "g2/xhs/search_comments": [
        {"comment_id": "65f100000000000000000001", "create_time": 1795001000000, "note_id": "65f000000000000000000001",
         "content": "求地址", "creator_hash": H, "nickname": "示***三", "sub_comment_count": "1", "pictures": "",
         "parent_comment_id": 0, "last_modify_ts": TS, "like_count": "3"}],
    "g1/xhs/creator_creators": [
        {"user_id": "5a0000000000000000000001", "nickname": "示例薯", "gender": "Female", "avatar": "", "desc": "探店",
         "ip_location": "上海", "follows": 20, "fans": 11000, "interaction": 50000, "tag_list": '{"profession": "美食博主"}',
         "last_modify_ts": TS}],
    "g1/douyin/search_contents": [
        {"aweme_id": "7400000000000000001", "aweme_type": "0", "title": "#咖啡 拉花 @示例", "desc": "#咖啡 拉花 @示例",
         "create_time": 1795000000, "user_id": "100", "sec_uid": "MS4wxx", "short_user_id": "0", "user_unique_id": "eg",
         "user_signature": "", "nickname": "示例主", "avatar": "", "liked_count": "300", "collected_count": "20",
         "comment_count": "15", "share_count": "4", "ip_location": "上海", "last_modify_ts": TS,
         "aweme_url": "https://www.douyin.com/video/7400000000000000001", "cover_url": "", "video_download_url": "",
         "music_download_url": "", "note_download_url": "", "source_keyword": "咖啡"}],
    "g2/douyin/search_contents": [
        {"aweme_id": "7400000000000000001", "aweme_type": "0", "title": "#咖啡 拉花", "desc": "#咖啡 拉花",
         "create_time": 1795000000, "creator_hash": H, "nickname": "示***主", "liked_count": "300",
         "collected_count": "20", "comment_count": "15", "share_count": "4", "last_modify_ts": TS,
         "aweme_url": "https://www.douyin.com/video/7400000000000000001", "cover_url": "", "video_download_url": "",
         "music_download_url": "", "note_download_url": "", "source_keyword": "咖啡"}],
    "g1/douyin/search_comments": [
        {"comment_id": "7400000000000000101", "create_time": 1795001000, "ip_location": "江苏",
         "aweme_id": "7400000000000000001", "content": "好看", "user_id": "101", "sec_uid": "MS4wyy", "short_user_id": "0",
         "user_unique_id": "", "user_signature": "", "nickname": "示例观众", "avatar": "", "sub_comment_count": "0",
         "like_count": 3, "last_modify_ts": TS, "parent_comment_id": "0", "pictures": ""}],
    "g1/douyin/creator_creators": [
        {"user_id": "MS4wxx", "nickname": "示例主", "gender": "Unknown", "avatar": "", "desc": "", "ip_location": "IP属地：上海",
         "follows": 20, "fans": 3000, "interaction": 9000, "videos_count": 41, "last_modify_ts": TS}],
    "g1/kuaishou/search_contents": [
        {"video_id": "3xabcdefghijk", "video_type": "1", "title": "拉花", "desc": "拉花", "create_time": 1795000000000,
         "user_id": "3xuser", "nickname": "示例主", "avatar": "", "liked_count": "30", "viewd_count": "900",
         "last_modify_ts": TS, "video_url": "https://www.kuaishou.com/short-video/3xabcdefghijk", "video_cover_url": "",
         "video_play_url": "", "source_keyword": "咖啡"}],
    "g2/kuaishou/search_comments": [
        {"comment_id": "900000000001", "create_time": 1795001000000, "video_id": "3xabcdefghijk", "content": "好看",
         "creator_hash": H, "nickname": "示***众", "sub_comment_count": "0", "last_modify_ts": TS}],
    "g1/bili/search_contents": [
        {"video_id": "1150000001", "video_type": "video", "title": "手冲咖啡入门", "desc": "器具清单", "create_time": 1795000000,
         "user_id": "200000001", "nickname": "示例UP", "avatar": "", "liked_count": "800", "disliked_count": "0",
         "video_play_count": "1.2万", "video_favorite_count": "210", "video_share_count": "12", "video_coin_count": "60",
         "video_danmaku": "30", "video_comment": "45", "last_modify_ts": TS,
         "video_url": "https://www.bilibili.com/video/av1150000001", "video_cover_url": "", "source_keyword": "咖啡"}],
    "g1/bili/search_comments": [
        {"comment_id": 250000000001, "parent_comment_id": "0", "create_time": 1795001000, "video_id": "1150000001",
         "content": "学会了", "user_id": "200000002", "nickname": "示例观众", "sex": "男", "sign": "", "avatar": "",
         "sub_comment_count": "1", "like_count": 4, "last_modify_ts": TS}],
    "g1/bili/creator_creators": [
        {"user_id": "200000001", "nickname": "示例UP", "sex": "保密", "sign": "咖啡", "avatar": "", "last_modify_ts": TS,
         "total_fans": 3200, "total_liked": 9000, "user_rank": 5, "is_official": -1}],
    "g1/bili/creator_contacts": [
        {"up_id": "200000001", "fan_id": "200000003", "up_name": "示例UP", "fan_name": "示例粉丝", "up_sign": "",
         "fan_sign": "", "up_avatar": "", "fan_avatar": "", "last_modify_ts": TS}],
    "g2/bili/creator_dynamics": [
        {"dynamic_id": "1000000000000000001", "creator_hash": H, "user_name": "示***P", "text": "#咖啡# 打卡",
         "type": "DYNAMIC_TYPE_DRAW", "pub_ts": 1795000000, "total_comments": 3, "total_forwards": 1, "total_liked": 20,
         "last_modify_ts": TS}],
    "g1/tieba/search_contents": [
        {"note_id": "9300000001", "title": "手冲求教", "desc": "水温多少合适", "note_url": "https://tieba.baidu.com/p/9300000001",
         "publish_time": "2026-11-20 21:30", "user_link": "https://tieba.baidu.com/home/main?id=tb.1.aaaa",
         "user_nickname": "示例吧友", "user_avatar": "", "tieba_name": "咖啡吧",
         "tieba_link": "https://tieba.baidu.com/f?kw=%E5%92%96%E5%95%A1", "total_replay_num": 12, "total_replay_page": 1,
         "ip_location": "上海", "source_keyword": "咖啡", "last_modify_ts": TS}],
    "g2/tieba/search_comments": [
        {"comment_id": "150000000001", "parent_comment_id": "", "content": "92 度", "creator_hash": H,
         "user_nickname": "示***二", "publish_time": "2026-11-20 22:00", "sub_comment_count": 1, "note_id": "9300000001",
         "note_url": "https://tieba.baidu.com/p/9300000001", "tieba_id": "1001", "tieba_name": "咖啡吧",
         "tieba_link": "https://tieba.baidu.com/f?kw=%E5%92%96%E5%95%A1", "last_modify_ts": TS}],
    "g1/tieba/creator_creators": [
        {"user_id": "700001", "user_name": "example_a", "nickname": "示例吧友", "gender": "Male", "avatar": "",
         "ip_location": "上海", "follows": 3, "fans": 8, "registration_duration": "5.2", "last_modify_ts": TS}],
    "g2/zhihu/search_contents": [
        {"content_id": "3000000001", "content_type": "answer", "content_text": "先看烘焙日期……",
         "content_url": "https://www.zhihu.com/question/600000001/answer/3000000001", "question_id": "600000001",
         "title": "如何挑选咖啡豆？", "desc": "", "created_time": 1794900000, "updated_time": 1794990000, "voteup_count": 340,
         "comment_count": 12, "source_keyword": "咖啡", "creator_hash": H, "user_nickname": "示***主", "last_modify_ts": TS}],
    "g1/zhihu/search_comments": [
        {"comment_id": "11000000001", "parent_comment_id": "0", "content": "同意", "publish_time": 1795001000,
         "ip_location": "上海", "sub_comment_count": 1, "like_count": 3, "dislike_count": 0, "content_id": "3000000001",
         "content_type": "answer", "user_id": "abcdef0123456789abcdef0123456789",
         "user_link": "https://www.zhihu.com/people/example", "user_nickname": "示例用户", "user_avatar": "",
         "last_modify_ts": TS}],
    "g1/zhihu/creator_creators": [
        {"user_id": "abcdef0123456789abcdef0123456789", "user_link": "https://www.zhihu.com/people/example",
         "user_nickname": "示例答主", "user_avatar": "", "url_token": "example", "gender": "Male", "ip_location": "上海",
         "follows": 20, "fans": 230, "anwser_count": 41, "video_count": 0, "question_count": 1, "article_count": 3,
         "column_count": 0, "get_voteup_count": 3400, "last_modify_ts": TS}],
}  # fmt: skip

CRAWLER_HEAD = ("id,bid,正文,头条文章url,原始图片url,视频url,Live Photo视频url,位置,日期,工具,点赞数,评论数,转发数,话题,@用户,完整日期,"
                "是否编辑过,编辑次数,是否原创,源用户id,源用户昵称,源微博id,源微博bid,源微博正文,源微博头条文章url,源微博原始图片url,"
                "源微博视频url,源微博Live Photo视频url,源微博位置,源微博日期,源微博工具,源微博点赞数,源微博评论数,源微博转发数,源微博话题,"
                "源微博@用户,源微博完整日期,源微博是否编辑过,源微博编辑次数")  # fmt: skip
CRAWLER_ROWS = (
    '"5230000000000001\t",Qx1AbCdEf,#咖啡# 新店打卡,,,,,上海,2026-11-20T21:30:00,示例手机,17,5,2,咖啡,示例用户乙,2026-11-20 21:30:00,False,0,True',
    '"5230000000000005\t",Qx1AbCdEj,说得好,,,,,,2026-11-21T08:00:00,示例手机,0,0,0,,,2026-11-21 08:00:00,False,0,False,1700000002,'
    '示例用户乙,"5229000000000001\t",Qx0AbCdEf,原话,,,,,,2026-11-19T10:00:00,微博网页版,3,1,1,,,2026-11-19 10:00:00',
    '"5230000000000006\t",Qx1AbCdEk,原博没了,,,,,,2026-11-21T09:00:00,示例手机,0,0,0,,,2026-11-21 09:00:00,False,0,False',
    # an optional analysis column shifts everything behind 编辑次数
    '"5230000000000007\t",Qx1AbCdEl,移位,,,,,,2026-11-21T09:30:00,示例手机,1,0,0,,,2026-11-21 09:30:00,False,0,积极,True',
)  # fmt: skip
USERS = ("用户id,昵称,性别,生日,所在地,IP属地,学习经历,公司,注册时间,阳光信用,微博数,粉丝数,关注数,简介,主页,头像,高清头像,微博等级,"
         "会员等级,是否认证,认证类型,认证信息,上次记录微博信息\n"
         "1700000001,示例用户甲,f,1990-01-01,上海,IP属地：上海,,,2015-01-05,信用较好,88,12000,120,,https://m.weibo.cn/u/1700000001,"
         "https://tvax1.sinaimg.cn/a.jpg,https://wx1.sinaimg.cn/a.jpg,9,0,False,-1,,5230000000000001 2026-11-20\n")  # fmt: skip
CRAWLER_JSON = {
    "user": {"id": "1700000001", "screen_name": "示例用户甲", "gender": "f", "ip_location": "IP属地：上海",
             "statuses_count": 88, "followers_count": 12000, "follow_count": 120, "birthday": "1990-01-01"},
    "weibo": [
        {"user_id": 1700000001, "screen_name": "示例用户甲", "id": 5230000000000001, "bid": "Qx1AbCdEf", "text": "#咖啡# 新店打卡",
         "pics": "", "video_url": "", "created_at": "2026-11-20T21:30:00", "source": "示例手机", "attitudes_count": 17,
         "comments_count": 5, "reposts_count": 2, "topics": "咖啡", "at_users": "示例用户乙",
         "full_created_at": "2026-11-20 21:30:00", "edited": False, "edit_count": 0},
        {"user_id": 1700000001, "screen_name": "示例用户甲", "id": 5230000000000005, "bid": "Qx1AbCdEj", "text": "说得好",
         "created_at": "2026-11-21T08:00:00", "attitudes_count": 0, "comments_count": 0, "reposts_count": 0, "topics": "",
         "at_users": "", "full_created_at": "2026-11-21 08:00:00",
         "retweet": {"user_id": 1700000002, "screen_name": "示例用户乙", "id": 5229000000000001, "bid": "Qx0AbCdEf",
                     "text": "原话", "attitudes_count": 3, "comments_count": 1, "reposts_count": 1,
                     "full_created_at": "2026-11-19 10:00:00"}},
    ],
}  # fmt: skip
SEARCH_HEAD = ("id,bid,user_id,用户昵称,微博正文,头条文章url,发布位置,艾特用户,话题,转发数,评论数,点赞数,发布时间,发布工具,微博图片url,"
               "微博视频url,retweet_id,ip,user_authentication,会员类型,会员等级")  # fmt: skip
SEARCH_ROWS = (
    "5229000000000001,Qx0AbCdEf,1700000002,示例用户乙,原话,,,,,1,1,3,2026-11-19 10:00,微博网页版,,,,北京,蓝V,,0",
    "5230000000000001,Qx1AbCdEf,1700000001,示例用户甲,#咖啡# 新店打卡,,,示例用户乙,咖啡,2,5,1.2万,2026-11-20 21:30,示例手机,,,"
    "5229000000000001,上海,普通用户,,0",
)  # fmt: skip
SPIDER_HEAD = "微博id,微博正文,头条文章url,原始图片url,被转发微博原始图片url,是否为原创微博,微博视频url,发布位置,发布时间,发布工具,点赞数,转发数,评论数"
SPIDER_ROWS = (
    "Qx1AbCdEf,#咖啡# 新店打卡,,无,无,True,无,无,2026-11-20 21:30,示例手机,17,2,5",
    SPIDER_HEAD,  # written again at every run
    'Qx1AbCdEj,"转发理由:说得好\n原始用户: 示例用户乙\n转发内容: 原话",,无,无,False,无,无,2026-11-21 08:00,示例手机,0,0,0',
    'Qx1AbCdEk,"转发理由:可惜\n转发内容: 该微博已被删除",,无,无,False,无,无,2026-11-21 09:00,示例手机,0,0,0',
)  # fmt: skip
SPIDER_JSON = {
    "user": {"id": "1700000001", "nickname": "示例用户甲", "gender": "女", "location": "上海", "birthday": "", "description": "",
             "verified_reason": "", "talent": "", "education": "", "work": "", "weibo_num": 88, "following": 120, "followers": 12000},
    "weibo": [{"id": "Qx1AbCdEf", "user_id": "1700000001", "content": "#咖啡# 新店打卡", "article_url": "", "original_pictures": "无",
               "retweet_pictures": None, "original": True, "video_url": "无", "publish_place": "无",
               "publish_time": "2026-11-20 21:30", "publish_tool": "示例手机", "up_num": 17, "retweet_num": 2, "comment_num": 5}],
}  # fmt: skip
ENVELOPE = {"id": 1, "nav_index": "1:1:0", "timestamp_collected": TS, "last_updated": TS,
            "source_platform_url": "https://www.xiaohongshu.com/search_result?keyword=%E5%92%96%E5%95%A1",
            "source_url": "https://edith.xiaohongshu.com/x", "user_agent": "Mozilla/5.0"}  # fmt: skip
XHS_ID, XHS_USER = "65f000000000000000000001", "5a0000000000000000000001"
NOTE = {"id": XHS_ID, "model_type": "note", "xsec_token": "ABxxx=", "note_card": {
    "type": "normal", "display_title": "周末探店", "user": {"user_id": XHS_USER, "nickname": "示例薯", "avatar": ""},
    "interact_info": {"liked_count": "1.2万"}, "cover": {"url_default": ""}}}  # fmt: skip
ZEESCHUIMER: list[tuple[str, str, dict[str, Any]]] = [
    ("xiaohongshu.com", XHS_ID, NOTE),
    ("xiaohongshu.com", "65f000000000000000000002", {"id": "65f000000000000000000002", "note": {
        "noteId": "65f000000000000000000002", "title": "拉花", "desc": "#咖啡[话题]# 练习", "time": 1795000000000, "type": "video",
        "user": {"userId": XHS_USER, "nickname": "示例薯"}, "interactInfo": {"likedCount": "30", "collectedCount": "4"},
        "tagList": [{"name": "咖啡", "type": "topic"}], "ipLocation": "上海"}}),
    ("xiaohongshu.com", "65f000000000000000000003", {"_zs-origin": "html", "id": "65f000000000000000000003",
        "url": "https://www.xiaohongshu.com/explore/65f000000000000000000003", "author_name": "示例薯",
        "author_url": f"/user/profile/{XHS_USER}?x=1", "author_avatar_url": "", "likes": "120", "thumbnail_url": "", "title": "豆子"}),
    ("xiaohongshu.com", "65f000000000000000000004", {"id": "65f000000000000000000004", "xsec_token": "x"}),
    ("xiaohongshu-comments", "65f100000000000000000001", {"id": "65f100000000000000000001", "note_id": XHS_ID,
        "content": "求地址", "create_time": 1795001000000, "ip_location": "江苏", "like_count": "3", "sub_comment_count": "1",
        "user_info": {"user_id": "5a0000000000000000000003", "nickname": "示例薯三", "image": ""},
        "sub_comments": [{"id": "65f100000000000000000002", "note_id": XHS_ID, "content": "私你", "create_time": 1795001100000,
                          "user_info": {"user_id": XHS_USER, "nickname": "示例薯"}, "like_count": "0"}]}),
    ("douyin.com", "7400000000000000001", {"aweme_id": "7400000000000000001", "desc": "#咖啡 拉花 @示例", "create_time": 1795000000,
        "author": {"uid": "100", "sec_uid": "MS4wxx", "nickname": "示例主"}, "video": {}, "music": {},
        "statistics": {"digg_count": 300, "comment_count": 15, "share_count": 4, "collect_count": 20, "play_count": 0},
        "text_extra": [{"hashtag_name": "咖啡", "hashtag_id": "1"}, {"user_id": "101", "sec_uid": "MS4wyy"}]}),
    ("douyin.com", "7400000000000000002", {"ZS_collected_from_embed": True, "id": "x", "awemeId": "7400000000000000002",
        "createTime": 1795000100, "desc": "豆子", "authorInfo": {"uid": "100", "secUid": "MS4wxx", "nickname": "示例主"},
        "stats": {"diggCount": 1, "commentCount": 2, "shareCount": 3, "collectCount": 4}, "textExtra": []}),
    ("douyin.com", "7400000000000000003", {"cellRoom": {"rawdata": {"title": "直播", "owner": {}, "stats": {}}}}),
]  # fmt: skip
FOURCAT = {
    "4cat_xiaohongshu.csv": "collected_from_url,id,thread_id,url,title,body,hashtags,timestamp,author,author_avatar_url,image_urls,"
    "video_url,likes,unix_timestamp\nhttps://www.xiaohongshu.com/search_result,65f000000000000000000001,65f000000000000000000001,"
    "https://www.xiaohongshu.com/explore/65f000000000000000000001,周末探店,#咖啡 真好喝,咖啡,2026-11-18 11:06:40,示例薯,,,,1.2万,1795000000\n",
    "4cat_xhs_comments.csv": "collected_from_url,id,thread_id,url,body,timestamp,author,author_avatar_url,ip_location,likes,replies,"
    "unix_timestamp\nhttps://www.xiaohongshu.com/explore/65f000000000000000000001,65f100000000000000000001,65f000000000000000000001,"
    "https://www.xiaohongshu.com/explore/65f000000000000000000001,求地址,2026-11-18 11:23:20,示例薯三,,江苏,3,1,1795001000\n",
    "4cat_douyin.csv": "collected_from_url,id,thread_id,subject,body,timestamp,post_url,region,hashtags,mentions,video_url,image_urls,"
    "collect_count,comment_count,digg_count,play_count,share_count,author_user_id,author_nickname,author_profile_url,author_region,"
    "unix_timestamp\nhttps://www.douyin.com/search/x,7400000000000000001,7400000000000000001,,#咖啡 拉花,2026-11-18 11:06:40,"
    "https://www.douyin.com/video/7400000000000000001,Unknown,咖啡,,https://x,,20,15,300,0,4,100,示例主,"
    "https://www.douyin.com/user/MS4wxx,,1795000000\n",
    "4cat_douban.csv": "id,group_id,thread_id,group_name,subject,body,author,author_id,author_avatar,timestamp,likes,is_highlighted,"
    "is_reply,is_topic_elite,image_urls\n310000001,500001,310000001,示例咖啡小组,周末去哪,求推荐,示例组员一,100000001,,1795180000,5,no,no,"
    "no,\n4200000001,500001,310000001,示例咖啡小组,,去老城区看看,示例组员二,100000002,,1795183200,3,no,yes,no,\n",
    "4cat_weibo_bazhuayu.csv": "from1,标题,txt,图片\n11月20日 21:30,示例用户甲,#咖啡# 新店打卡,\n2025年11月20日 21:30,示例用户乙,去年,\n",
}  # fmt: skip
CRAWL4WEIBO = [
    {"id": "5230000000000001", "user_id": "1700000001", "text": "#咖啡# 新店打卡 @示例用户乙", "created_at": "2026-11-20T21:30:00+08:00",
     "source": "示例手机", "reposts_count": 2, "comments_count": 5, "attitudes_count": "1.2万", "pic_urls": [], "video_url": "",
     "is_original": True, "location": "", "topic_ids": ["咖啡"], "at_users": ["示例用户乙"],
     "comments": [{"id": "5230000000001001", "text": "想去！", "created_at": "11-20", "source": "来自江苏", "user_id": "1700000003",
                   "user_screen_name": "示例用户丙", "user_verified": False, "user_followers_count": "88", "like_counts": 12,
                   "reply_id": None, "reply_text": None, "pic_url": ""}],
     "retweeted_status": {"id": "5229000000000001", "user_id": "1700000002", "text": "原话", "created_at": "2026-11-19T10:00:00+08:00",
                          "attitudes_count": 3, "comments_count": 1, "reposts_count": 1, "topic_ids": [], "at_users": []}},
    {"id": "1700000001", "screen_name": "示例用户甲", "gender": "f", "location": "上海", "description": "", "followers_count": 12000,
     "following_count": 120, "posts_count": 88, "verified": False, "birthday": "1990-01-01", "ip_location": "IP属地：上海"},
    {"id": 5230000000000009, "text": '<a href="/n/x"><span class="surl-text">#咖啡#</span></a> 新店打卡<br/>真好', "source": "示例手机",
     "created_at": "Fri Nov 20 21:30:00 +0800 2026", "user": {"id": 1700000001, "screen_name": "示例用户甲", "gender": "f",
     "follow_count": 120, "followers_count": "1.2万"}, "comments_count": 5, "attitudes_count": 17, "reposts_count": 2, "raw_text": "",
     "region_name": "发布于 上海", "pics": [], "videos": {}},
]  # fmt: skip
FEEDS = {
    "rss.xml": '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title><link>https://example.org</link>'
    "<item><title>示例用户甲: #咖啡# 新店打卡</title><description>&lt;a href=&quot;https://weibo.com/1700000001&quot;&gt;示例用户甲&lt;/a&gt;: "
    "#咖啡# 新店打卡</description><link>https://weibo.com/1700000001/Qx1AbCdEf</link><guid>g1</guid>"
    "<pubDate>Fri, 20 Nov 2026 13:30:00 GMT</pubDate><author>示例用户甲</author><category>咖啡</category></item>"
    "<item><title>无日期</title><link>https://example.org/2</link><pubDate>Invalid Date</pubDate></item></channel></rss>",
    "atom.xml": '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:rsshub="https://docs.rsshub.app/"><title>t</title><entry><title>示例主题</title><content type="html">&lt;p&gt;正文&lt;/p&gt;'
    '</content><link href="https://www.v2ex.com/t/1192001"/><id>https://www.v2ex.com/t/1192001</id>'
    "<published>2026-11-20T13:30:00.000Z</published><author><name>exampleuser1</name></author><category term=\"咖啡\"></category>"
    "<rsshub:comments>17</rsshub:comments></entry></feed>",
    "feed.json": json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [
        {"id": "https://weibo.com/1700000001/Qx1AbCdEf", "url": "https://weibo.com/1700000001/Qx1AbCdEf", "title": "示例用户甲: 打卡",
         "content_html": '<a href="https://weibo.com/1700000001" target="_blank">示例用户甲</a>: #咖啡# 新店打卡<br>',
         "date_published": "2026-11-20T13:30:00.000Z", "authors": [{"name": "示例用户甲", "url": "https://weibo.com/1700000001"}],
         "tags": ["咖啡"]},
        {"id": "3000000001", "url": "https://www.zhihu.com/question/600000001/answer/3000000001", "title": "如何挑选",
         "content_html": "<strong>看日期</strong>", "date_published": "", "authors": [{"name": "示例答主"}]}]}, ensure_ascii=False),
}  # fmt: skip
EDGES = ("actor,target,kind,time,platform,post\nu1,u2,repost,2026-11-20T21:30:00+08:00,weibo,5230000000000001\nu3,u2,like,,,\n"
         "u1,u3,reply,1795181400,mastodon,9\nu4,u2,关注,1795181400000,,\nu4,,mention,1795181400,,\nu5,u6,poke,1795181400,,\n")  # fmt: skip
TABLE = "编号,昵称,正文,发布时间,点赞数,粉丝数\n1,示例甲,#咖啡# 好喝,2026-11-20 21:30,1.2万,300\n2,示例乙,真香,3天前,5,\n3,示例丙,,2026-11-20,1,\n"
MAPPING = 'platform = "weibo"\nzone = "+08:00"\nquery = "咖啡"\nreference = "2026-11-20 12:00"\n\n[columns]\nid = "编号"\nauthor = "昵称"\n' \
    'text = "正文"\ncreated = "发布时间"\nlikes = "点赞数"\nfollowers = "粉丝数"\n'  # fmt: skip


def _write(path: str, text: str, bom: bool = False) -> None:
    file = HERE / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8-sig" if bom else "utf-8"))


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def main() -> None:
    """Write every fixture below ``imports/``."""
    for key, rows in MEDIACRAWLER.items():
        generation, platform, stem = key.split("/")
        base = f"mediacrawler/{generation}/{platform}"
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        _write(f"{base}/jsonl/{stem}_2026-11-20.jsonl", lines)
        _write(f"{base}/json/{stem}_2026-11-20.json", json.dumps(rows, ensure_ascii=False, indent=4))
        _write(f"{base}/csv/{stem}_2026-11-20.csv", _csv(rows), bom=True)
    crawler = "weibo-crawler/示例用户甲/1700000001"
    _write(f"{crawler}.csv", "\n".join([CRAWLER_HEAD, *CRAWLER_ROWS]) + "\n", bom=True)
    _write(f"{crawler}.json", json.dumps(CRAWLER_JSON, ensure_ascii=False, indent=4))
    _write("weibo-crawler/users.csv", USERS, bom=True)
    _write("weibo-crawler/示例用户甲/示例用户甲_comments.csv", "id,weibo_id,created_at,user_screen_name,text,pic_url,like_count\n"
           "5230000000001001,5230000000000001,Fri Nov 20 22:00:00 +0800 2026,示例用户丙,想去！,,12\n", bom=True)  # fmt: skip
    _write("weibo-search/%23咖啡%23/%23咖啡%23.csv", "\n".join([SEARCH_HEAD, *SEARCH_ROWS]) + "\n", bom=True)
    _write("weibospider/示例用户甲/1700000001.csv", "\n".join([SPIDER_HEAD, *SPIDER_ROWS]) + "\n", bom=True)
    _write("weibospider/示例用户甲/1700000001.json", json.dumps(SPIDER_JSON, ensure_ascii=False, indent=4))
    envelopes = [
        {**ENVELOPE, "item_id": item, "source_platform": platform, "data": data} for platform, item, data in ZEESCHUIMER
    ]
    _write("zeeschuimer-export-mixed.ndjson", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in envelopes))
    stored = [{**row["data"], "__import_meta": {k: v for k, v in row.items() if k != "data"}} for row in envelopes]
    _write("4cat.ndjson", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in stored))
    for name, text in (FOURCAT | FEEDS).items():
        _write(name, text)
    _write("crawl4weibo.json", json.dumps(CRAWL4WEIBO, ensure_ascii=False, indent=2))
    _write("crawl4weibo.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in CRAWL4WEIBO))
    _write("edges.csv", EDGES)
    _write("table.csv", TABLE)
    _write("table.toml", MAPPING)


if __name__ == "__main__":
    main()
