"""Times and schedules of the chat parser: every form of the plan schema, and what people say beyond it."""

import random
import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.chat import calendar_feasts, understand
from xunke.chat.calendar_days import Span, day_of, months_back
from xunke.chat.normalize import fold, mend
from xunke.chat.schedules import clock
from xunke.chat.schedules import read as read_schedules
from xunke.chat.times import read
from xunke.chat.tokens import Doc

TODAY = date(2026, 11, 22)  # a Sunday


def spans(text: str, today: date = TODAY) -> list[Span]:
    doc = Doc(mend(fold(text)))
    read(doc, today)
    kept = [doc.tokens[c].value for c in doc.text if c in doc.tokens]
    return [value for value in kept if isinstance(value, Span)]


def days(text: str, today: date = TODAY) -> str:
    """``since..until`` in short, months and days only in the year of ``today``."""
    found = spans(text, today)
    assert len(found) == 1, (text, found)
    span = found[0]
    return "conflict" if span.conflict else f"{span.since:%y%m%d}-{span.until:%y%m%d}"


SCHEMA = {
    # 最近 / 近 / 过去 N
    "最近3天": "261120-261122", "近十天": "261113-261122", "过去45天": "261009-261122", "past 10 days": "261113-261122",
    "最近一周": "261116-261122", "近两周": "261109-261122", "past week": "261116-261122", "俩礼拜内": "261109-261122",
    "最近三个星期": "261102-261122", "近一个月": "261023-261122", "最近3个月": "260823-261122", "近半年": "260523-261122",
    "近一年": "251123-261122", "最近24小时": "261121-261122", "最近": "261024-261122", "lately": "261024-261122",
    # periods of the calendar
    "这周": "261116-261122", "本月": "261101-261122", "今年": "260101-261122", "this year": "260101-261122",
    "上周": "261109-261115", "last week": "261109-261115", "上个月": "261001-261031", "last month": "261001-261031",
    "上季度": "260701-260930", "last quarter": "260701-260930", "去年": "250101-251231", "上周末": "261114-261115",
    "9月": "260901-260930", "Q3": "260701-260930", "上半年": "260101-260630", "12月": "251201-251231", "去年Q4": "251001-251231",
    # from and to
    "10月15号以后": "261015-261122", "since June": "260601-261122", "10月1号到7号": "261001-261007",
    "12/20-1/5": "251220-260105", "2026年11月20号到2026年11月1号": "conflict",
    # festivals
    "618期间": "260601-260620", "双十一期间": "261101-261111", "双十二期间": "251201-251212", "三八节期间": "260301-260308",
    "女神节期间": "260301-260308", "520期间": "260514-260520", "情人节期间": "260208-260214", "五一期间": "260501-260505",
    "国庆期间": "261001-261007", "元旦期间": "260101-260103", "圣诞期间": "251224-251225", "春节期间": "260216-260223",
    "2025年春节期间": "250128-250204", "端午期间": "260619-260621", "去年端午期间": "250531-250602", "中秋期间": "260925-260927",
    "去年中秋期间": "251006-251008", "七夕期间": "260813-260819", "元宵期间": "260303-260303", "黑五期间": "251128-251201",
    "国庆前后": "260924-261014", "双十一前一周": "261104-261110", "从618到现在": "260618-261122", "从春节到现在": "260217-261122",
}  # fmt: skip

BEYOND = {
    "大前天": "261119-261119", "前天": "261120-261120", "昨儿": "261121-261121", "今儿个": "261122-261122", "昨晚": "261121-261121",
    "上上周": "261102-261108", "上上个月": "260901-260930", "前年": "240101-241231", "上周三": "261111-261111",
    "这周二": "261117-261117", "周五": "261120-261120", "上个礼拜天": "261115-261115", "周末": "261121-261122",
    "周末晚上": "261121-261122", "这周末": "261121-261122", "周一到周五": "261116-261120", "上周三到这周二": "261111-261117",
    "前天到昨天": "261120-261121", "今天早上到现在": "261122-261122", "这几天": "261120-261122", "近几周": "261102-261122",
    "这一两周": "261109-261122", "近三五天": "261118-261122", "近一年半": "250523-261122", "最近一个半月": "261008-261122",
    "最近两周零三天": "261106-261122", "这半年": "260523-261122", "半个月内": "261108-261122", "24小时内": "261121-261122",
    "前两个月": "260923-261122", "三天前": "261119-261119", "两个月前": "260901-260930", "三天前到现在": "261119-261122",
    "近1-2周": "261109-261122", "近段时间": "261024-261122",
    "月初": "261101-261110", "月初到现在": "261101-261122", "月底": "261121-261122", "上个月底": "261021-261031", "上月中旬": "261011-261020",
    "年初至今": "260101-261122", "年初": "260101-260131", "去年底": "251201-251231", "年底": "251201-251231",
    "8月中旬": "260811-260820", "10月下旬以来": "261021-261122", "9月底": "260921-260930", "3到5月": "260301-260531",
    "7、8月": "260701-260831", "七八月": "260701-260831", "九月至十一月": "260901-261122", "去年11月到1月": "251101-260131",
    "2025年11月到2026年1月": "251101-260131", "2025年3月到5月": "250301-250531", "26年9月": "260901-260930", "2026-09": "260901-260930",
    "9.1-9.15": "260901-260915", "2026.9.1": "260901-260901", "20261001-20261007": "261001-261007", "10月28号到3号": "261028-261103",
    "10 月 1 号到 7 号": "261001-261007", "2026 年 9 月": "260901-260930", "近 30 天": "261024-261122", "26.8.1-26.8.31": "260801-260831", "2024至2026年": "240101-261122", "上个双休日": "261114-261115", "今夏": "260601-260831",
    "近2季度": "260523-261122", "双十一开门红": "261101-261111", "315当天": "260315-260315", "二〇二五年": "250101-251231",
    "上半月": "261101-261115", "从 10 月 20 日起": "261020-261122",
    "10月1-7号": "261001-261007", "10月20日起": "261020-261122", "10月1日至10月20日": "261001-261020", "从10月20日起算半个月": "261020-261103",
    "这个月前半月": "261101-261115", "9月最后一周": "260924-260930", "6月第一周": "260601-260607", "11月头三天": "261101-261103",
    "情人节前那一周": "260207-260213", "大上周": "261102-261108", "去年今日": "251122-251122", "这仨月": "260823-261122", "20号到25号": "261020-261025", "这个月1号到15号": "261101-261115", "上月20号到月底": "261020-261031",
    "12月1号到12月31号": "251201-251231", "11/1-11/15": "261101-261115", "本季度": "261001-261122", "前三季度": "260101-260930",
    "第二季度": "260401-260630", "去年下半年": "250701-251231", "去年冬天": "251201-260228", "今年夏天": "260601-260831",
    "入冬以来": "261107-261122", "去年双十一当天": "251111-251111", "双11当晚": "261111-261111", "双十一预售那几天": "261101-261111",
    "国庆第二天": "261002-261002", "国庆最后一天": "261007-261007", "中秋过后": "260925-261122", "春节前一周": "260210-260216",
    "双十一前三天": "261108-261110", "双十一后一周": "261112-261118", "五一到端午": "260501-260621", "去年国庆到今年春节": "251001-260223",
    "去年国庆到双十一": "251001-251111", "除夕到初七": "260216-260223", "大年初二": "260218-260218", "十一期间": "261001-261007",
    "十一那几天": "261001-261007", "国庆假期": "261001-261007", "中秋连假": "260925-260927", "元旦至今": "260101-261122",
    "清明假期": "260404-260406", "母亲节当天": "260510-260510", "去年黑五": "251128-251201", "截至10月底": "700101-261031",
    "最近99999999天": "270101", "时间拉长到三个月": "260823-261122",
    # traditional and Cantonese
    "近兩週": "261109-261122", "上禮拜": "261109-261115", "這個禮拜六": "261121-261121", "去年聖誕期間": "251224-251225",
    "尋日": "261121-261121", "今個月": "261101-261122", "呢個禮拜": "261116-261122",
    # slips
    "最进三天": "261120-261122", "近7添的": "261116-261122", "上各月": "261001-261031", "zuijin聊的": "261024-261122", "上周未的": "261114-261115",
}  # fmt: skip

ENGLISH = {
    "yesterday": "261121-261121", "the day before yesterday": "261120-261120", "last night": "261121-261121",
    "last Friday": "261120-261120", "this week": "261116-261122", "last weekend": "261114-261115", "over the weekend": "261121-261122",
    "the last three months": "260823-261122", "last 2 wks": "261109-261122", "past fortnight": "261109-261122",
    "past couple of weeks": "261109-261122", "last few days": "261120-261122", "last 24 hours": "261121-261122",
    "three days ago": "261119-261119", "since two weeks ago": "261108-261122", "year to date": "260101-261122", "YTD": "260101-261122",
    "Q2 last year": "250401-250630", "Q4 2025": "251001-251231", "second quarter": "260401-260630", "first half of this year": "260101-260630",
    "H1 2026": "260101-260630", "since mid-September": "260915-261122", "late August": "260821-260831", "first week of October": "261001-261007",
    "in October": "261001-261031", "December 2025": "251201-251231", "October last year": "251001-251031", "since May": "260501-261122",
    "from March to May": "260301-260531", "between Oct 1 and Oct 15": "261001-261015", "Oct 1-15": "261001-261015",
    "from Sept 3rd through Sept 20th": "260903-260920", "Nov 1 - Nov 11": "261101-261111", "5 October 2026": "261005-261005",
    "the week before 618": "260611-260617", "two weeks before Christmas": "251211-251224", "over National Day": "261001-261007",
    "around Double 11": "261025-261118", "last year's Double 11": "251101-251111", "Christmas 2025": "251224-251225",
    "during last Chinese New Year": "260216-260223", "since Black Friday": "251128-261122", "this month so far": "261101-261122",
    "last year's Q4": "251001-251231", "week of Oct 5": "261005-261011", "until Oct 31": "700101-261031", "these past two weeks": "261109-261122",
    "in the summer of 2025": "250601-250831", "last summer": "260601-260831", "since the start of the year": "260101-261122",
    "beginning of October": "261001-261010", "last qtr": "260701-260930", "last yr's Black Friday": "251128-251201",
    "posted within the last 48 hours": "261120-261122", "yesterday's": "261121-261121", "in 2025": "250101-251231", "from June onwards": "260601-261122", "since yesterday morning": "261121-261122",
}  # fmt: skip


@pytest.mark.parametrize(("said", "wanted"), [*SCHEMA.items(), *BEYOND.items(), *ENGLISH.items()])
def test_what_is_said_and_what_it_means(said: str, wanted: str) -> None:
    if wanted == "270101":  # counted back beyond all calendars: clamped, not an error and not today
        span = spans(said)[0]
        assert span.until == TODAY
        assert span.since < date(1930, 1, 1)
        return
    assert days(said) == wanted


@pytest.mark.parametrize(
    ("today", "said", "wanted"),
    [
        ("2026-02-28", "国庆前后", "250924-251014"), ("2026-02-28", "近半年", "250829-260228"), ("2026-02-28", "春节期间", "260216-260223"),
        ("2026-02-28", "上个月", "260101-260131"), ("2026-02-28", "Q4", "251001-251231"), ("2026-02-28", "29号", "260129-260129"),
        ("2026-03-31", "最近一个月", "260301-260331"), ("2026-03-31", "这周", "260330-260331"), ("2026-03-31", "上周末", "260328-260329"),
        ("2026-03-31", "上个月31号", "conflict"), ("2027-01-05", "上个月", "261201-261231"), ("2027-01-05", "上周", "261228-270103"),
        ("2027-01-05", "今年", "270101-270105"), ("2027-01-05", "上季度", "261001-261231"), ("2027-01-05", "圣诞前后", "261217-270101"),
        ("2027-01-05", "12/20-1/5", "261220-270105"), ("2027-01-05", "11月20号以后", "261120-270105"), ("2027-01-05", "去年同月", None),
        ("2026-07-15", "下半年", "260701-260715"), ("2026-07-15", "Q3", "260701-260715"), ("2026-07-15", "双十一期间", "251101-251111"),
        ("2026-07-15", "周五", "260710-260710"), ("2026-07-15", "周一到周五", "260706-260710"), ("2026-07-15", "周末", "260711-260712"),
        ("2026-11-05", "双十一期间", "251101-251111"), ("2026-11-05", "今年双十一", "261101-261105"), ("2026-11-05", "月底", "261021-261031"),
        ("2028-02-29", "去年今天", None), ("2028-02-29", "近一年", "270301-280229"), ("2028-02-29", "2月29号", "280229-280229"),
        ("2026-11-28", "黑五期间", "261127-261128"), ("2029-03-01", "春节期间", "290212-290219"), ("2030-06-30", "端午期间", "300605-300607"),
    ],
)  # fmt: skip
def test_on_other_days(today: str, said: str, wanted: str | None) -> None:
    if wanted is not None:
        assert days(said, date.fromisoformat(today)) == wanted


@pytest.mark.parametrize(
    "said",
    ["最近0天", "13月45号", "2月30号", "从今天到昨天", "明天", "下周", "下个月", "明年春节", "2027年3月", "next week", "2026-02-30",
     "2026年9月10号到2026年8月1号", "Feb 30", "前天到大前天"],
)  # fmt: skip
def test_days_that_cannot_be_are_asked_about(said: str) -> None:
    plan = understand(f"{said}的咖啡笔记" if not said.isascii() else f"coffee posts {said}", today=TODAY)
    assert plan.clarify == ("time_conflict",), plan


@pytest.mark.parametrize(
    ("text", "topic"),
    [("圣诞市集的笔记", "圣诞市集"), ("聊万圣节的帖子", "万圣节"), ("中秋月饼的笔记", "中秋月饼"), ("周杰伦的视频", "周杰伦"), ("一下周杰伦的视频", "周杰伦"),
     ("十年经验的帖子", "十年经验"), ("三月桃花的笔记", None), ("月饼的笔记", "月饼"), ("日料的笔记", "日料"), ("年轻态的笔记", "年轻态"), ("上火的笔记", "上火"),
     ("奥迪Q3的视频", "奥迪Q3"), ("评分3.8的餐厅", "餐厅"), ("十月革命的帖子", "十月革命")],
)  # fmt: skip
def test_words_that_only_look_like_times(text: str, topic: str | None) -> None:
    if topic is not None:
        assert not spans(text), spans(text)


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("每天早上九点", {"every": "1d", "at": "09:00"}), ("每隔两小时", {"every": "2h"}), ("每小时", {"every": "1h"}),
        ("每周一三五下午三点", {"every": "1w", "on": ["mon", "wed", "fri"], "at": "15:00"}), ("每隔一天", {"every": "2d"}),
        ("每周一到周五", {"every": "1w", "on": ["mon", "tue", "wed", "thu", "fri"]}), ("每月1号", {"every": "1m", "day": 1}),
        ("每个月月底晚上11点", {"every": "1m", "day": 31, "at": "23:00"}), ("每月最后一天", {"every": "1m", "day": 31}),
        ("工作日晚上八点半", {"every": "1w", "on": ["mon", "tue", "wed", "thu", "fri"], "at": "20:30"}),
        ("每周末", {"every": "1w", "on": ["sat", "sun"]}), ("每两周的周二上午十点一刻", {"every": "2w", "on": ["tue"], "at": "10:15"}),
        ("隔周的周三", {"every": "2w", "on": ["wed"]}), ("周一到周五每天早八点", {"every": "1w", "on": ["mon", "tue", "wed", "thu", "fri"], "at": "08:00"}),
        ("每晚十点", {"every": "1d", "at": "22:00"}), ("每天两次", {"every": "12h"}), ("每季度", {"every": "3m"}), ("每半年", {"every": "6m"}),
        ("每隔三天", {"every": "3d"}), ("every Monday at 9am", {"every": "1w", "on": ["mon"], "at": "09:00"}),
        ("every other Tuesday", {"every": "2w", "on": ["tue"]}), ("every 6 hours", {"every": "6h"}), ("daily at 8:15pm", {"every": "1d", "at": "20:15"}),
        ("on Mondays and Thursdays at 7:30 am", {"every": "1w", "on": ["mon", "thu"], "at": "07:30"}), ("biweekly", {"every": "2w"}),
        ("on the 1st of every month", {"every": "1m", "day": 1}), ("every weekday at noon", {"every": "1w", "on": ["mon", "tue", "wed", "thu", "fri"], "at": "12:00"}),
        ("Monday to Friday", None), ("twice a day", {"every": "12h"}), ("每週三凌晨兩點", {"every": "1w", "on": ["wed"], "at": "02:00"}),
    ],
)  # fmt: skip
def test_schedules(said: str, slots: dict[str, object] | None) -> None:
    doc = Doc(mend(fold(said)))
    read_schedules(doc)
    assert [t.value for t in doc.tokens.values()] == ([] if slots is None else [slots])


@pytest.mark.parametrize(
    ("said", "at"),
    [("下午3点半", "15:30"), ("晚上12点", "00:00"), ("夜里两点", "02:00"), ("中午12点", "12:00"), ("20:05", "20:05"), ("12am", "00:00"), ("12 pm", "12:00"),
     ("早8点", "08:00"), ("零点", "00:00"), ("八点十分", "08:10"), ("25点", None), ("noon", "12:00"), ("9 in the evening", "21:00")],
)  # fmt: skip
def test_clock(said: str, at: str | None) -> None:
    assert clock(said) == at


@pytest.mark.parametrize(
    ("said", "end"),
    [("到年底", "2026-12-31"), ("跑到12月20号", "2026-12-20"), ("到春节前为止", "2027-02-05"), ("到明年三月底", "2027-03-31"), ("直到月底", "2026-11-30"),
     ("到双十二", "2026-12-12"), ("到下个月底", "2026-12-31"), ("到周五", "2026-11-27")],
)  # fmt: skip
def test_a_schedule_ends_on_the_next_such_day(said: str, end: str) -> None:
    plan = understand(f"每天收集微博 #早八#，{said}", today=TODAY)
    assert plan.steps[-1].until == date.fromisoformat(end)


FORMS = st.sampled_from([*SCHEMA, *BEYOND, *ENGLISH])
DAYS = st.dates(date(2024, 3, 1), date(2029, 12, 31))


@settings(max_examples=150, deadline=None)
@given(FORMS, DAYS)
def test_no_day_after_today_and_no_end_before_the_start(said: str, today: date) -> None:
    for span in spans(said, today):
        if not span.conflict and span.since <= today:
            assert span.since <= span.until <= today


@settings(max_examples=60, deadline=None)
@given(FORMS, DAYS)
def test_spans_depend_on_the_text_and_the_day_only(said: str, today: date) -> None:
    bare = [(s.since, s.until, s.form, s.conflict) for s in spans(said, today)]
    time.sleep(0)
    assert bare == [(s.since, s.until, s.form, s.conflict) for s in spans(said, today)]
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else c for c in said)
    assert bare == [(s.since, s.until, s.form, s.conflict) for s in spans(wide, today)]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400), DAYS)
def test_n_days_are_n_days(count: int, today: date) -> None:
    span = spans(f"最近{count}天", today)[0]
    assert (span.until, (span.until - span.since).days + 1) == (today, count)


@settings(max_examples=100, deadline=None)
@given(st.dates(date(2024, 3, 1), date(2026, 11, 22)), st.dates(date(2024, 3, 1), date(2026, 11, 22)), st.sampled_from(["{0.year}年{0.month}月{0.day}号", "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y%m%d}"]))  # fmt: skip
def test_two_days_with_years(one: date, two: date, form: str) -> None:
    found = spans(f"{form.format(one)}到{form.format(two)}")[0]
    assert found.conflict == (one > two)
    assert found.conflict or (found.since, found.until) == (one, two)


@settings(max_examples=100, deadline=None)
@given(DAYS, st.integers(1, 12), st.integers(1, 28))
def test_a_day_without_a_year_is_the_newest_one(today: date, month: int, number: int) -> None:
    found = spans(f"{month}月{number}号", today)[0].since
    assert (found.month, found.day) == (month, number)
    assert today - timedelta(days=366) < found <= today


@settings(max_examples=100, deadline=None)
@given(DAYS, st.sampled_from(calendar_feasts.names()))
def test_a_festival_is_the_newest_whose_main_day_has_come(today: date, name: str) -> None:
    span = calendar_feasts.window(name, today)
    assert span is not None
    assert span.start <= today
    coming = span.next_after(today + timedelta(days=1))
    assert coming is None or coming.start > today


def test_months_back_keeps_the_day_where_it_can() -> None:
    assert months_back(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert months_back(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_back(date(2026, 1, 15), 13) == date(2024, 12, 15)
    assert day_of(2026, 2, 29) is None


@pytest.mark.parametrize(
    "piece",
    [
        "最近",
        "三千",
        "#",
        "1",
        "上",
        "从今天到",
        "国庆",
        "9.1-",
        "每周一",
        "10月",
        "两",
        "last ",
        "2026-",
        "前",
        "半年",
        "周",
        "到",
        "一二",
    ],
)
def test_long_texts_take_time_in_step_with_their_length(piece: str) -> None:
    understand("热身，最近三天的笔记", today=TODAY)
    start = time.process_time()
    understand(piece * (100_000 // len(piece)), today=TODAY)
    assert time.process_time() - start < 0.4  # a shared machine: 0.2 s alone


def test_the_grammar_itself_is_linear() -> None:
    """Without the limit on the length of a request: four times the text, about four times as long."""
    rng = random.Random(5)
    pieces = [
        "最近",
        "三天",
        "到",
        "10月1号",
        "国庆",
        "前后",
        "周",
        "上",
        "12/20",
        "-",
        "9.1",
        " last ",
        "week",
        "以后",
        "，",
        "的",
        "半年",
    ]
    text = "".join(rng.choice(pieces) for _ in range(400))

    def took(count: int) -> float:
        best = 9.0
        for _ in range(3):
            doc = Doc(text * count)
            start = time.process_time()
            read(doc, TODAY)
            best = min(best, time.process_time() - start)
        return best

    took(1)
    assert took(8) < 8 * 4 * max(took(1), 0.002)
