from collections import Counter
from pathlib import Path

import pytest
from page_generator import load_corpus, make_page, score_pages

from toolkit.readers.lines import read_lines
from toolkit.readers.page import lost_lines, split_page
from toolkit.text import clean
from toolkit.types import Article, Credit

REAL_PAGE = Path(__file__).parents[2].parent / "shared" / "data" / "pages" / "pinghu-page.txt"
UNSEEN_SEEDS = range(10_000, 10_060)
BODY = "昨天上午，南汀街道的志愿者走进江滨小区，帮老人检修电路、更换灯泡，一上午跑了三十多户人家。"
ROLE_CHARS = "本报实习生记者通讯员摄影文图道"  # 本报, 报道 and roles: bylines are taken apart
MORE = "街道负责人说，下个月起这样的上门服务每周一次，居民打一个电话就能预约。"


def read(text: str) -> list[Article]:
    return split_page(clean(text), source="pages/page.txt")


def read_one(text: str) -> Article:
    [article] = read(text)
    return article


def test_a_page_is_split_into_its_articles_in_order():
    page = (
        f"志愿者上门修电路\n\n■记者 王强\n\n本报讯 {BODY}\n\n{MORE}\n\n江滨公园添新绿\n\n■记者 李明\n\n本报讯 {MORE}\n"
    )
    first, second = read(page)
    assert (first.title, first.text, first.order) == ("志愿者上门修电路", f"{BODY}\n{MORE}", 1)
    assert (second.title, second.text, second.order) == ("江滨公园添新绿", MORE, 2)


def test_articles_of_a_page_are_numbered_in_id_and_source():
    page = f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n江滨公园添新绿\n\n■记者 李明\n\n{MORE}\n"
    assert [(one.id, one.source) for one in read(page)] == [
        ("page#1", "pages/page.txt#1"),
        ("page#2", "pages/page.txt#2"),
    ]


def test_a_file_with_one_article_gives_one_article_named_after_the_file():
    article = read_one(f"志愿者上门修电路\n{BODY}\n{MORE}\n")
    assert (article.id, article.title, article.text) == ("page", "志愿者上门修电路", f"{BODY}\n{MORE}")


def test_a_text_without_headline_is_flagged():
    article = read_one(f"{BODY}\n\n{MORE}")
    assert article.title == ""
    assert article.flags == ("no_headline", "no_byline")


def test_an_article_with_headline_and_byline_has_no_flags():
    assert read_one(f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}").flags == ()


@pytest.mark.parametrize(
    ("opening", "dateline", "names"),
    [
        ("本报讯 ", "本报讯", ()),
        ("本报综合讯 ", "本报综合讯", ()),
        ("本报南汀讯 ", "本报南汀讯", ()),
        ("新华社北京1月15日电 ", "新华社北京1月15日电", ()),
        ("本报讯（记者 林旭 通讯员 王洲）", "本报讯", ("林旭", "王洲")),
        ("本报讯 记者林旭报道 ", "本报讯", ("林旭",)),
        ("（记者 林旭）", None, ("林旭",)),
    ],
)
def test_a_dateline_goes_to_its_field_and_the_names_beside_it_to_the_byline(opening, dateline, names):
    article = read_one(f"志愿者上门修电路\n\n{opening}{BODY}")
    assert (article.dateline, article.text) == (dateline, BODY)
    assert tuple(name for credit in article.byline for name in credit.names) == names


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("■记者 王强 实习生 丁怡", (Credit("记者", ("王强",)), Credit("实习生", ("丁怡",)))),
        ("□本报记者 王强、李明明", (Credit("记者", ("王强", "李明明")),)),
        ("● 记者 王 强\n通讯员 李明明", (Credit("记者", ("王强",)), Credit("通讯员", ("李明明",)))),
        ("本报见习记者 王　强", (Credit("见习记者", ("王强",)),)),
        ("文/图 王强", (Credit("文/图", ("王强",)),)),
        ("记者：王强 摄影：李明明", (Credit("记者", ("王强",)), Credit("摄影", ("李明明",)))),
    ],
)
def test_bylines_of_many_forms_are_read(line, byline):
    article = read_one(f"志愿者上门修电路\n\n{line}\n\n{BODY}")
    assert (article.byline, article.text) == (byline, BODY)


@pytest.mark.parametrize("ending", ["（记者 王强）", "\n（记者 王强）", "\n\n■记者 王强"])
def test_a_byline_at_the_end_belongs_to_the_article_above(ending):
    first, second = read(f"志愿者上门修电路\n\n{BODY}{ending}\n\n江滨公园添新绿\n\n{MORE}\n\n■记者 李明\n")
    assert (first.text, first.byline) == (BODY, (Credit("记者", ("王强",)),))
    assert (second.title, second.byline) == ("江滨公园添新绿", (Credit("记者", ("李明",)),))


def test_a_line_about_reporters_is_no_byline():
    assert read_one(f"记者节座谈会举行\n\n■记者 王强\n\n{BODY}").title == "记者节座谈会举行"


@pytest.mark.parametrize("gap", [" ", "\n", "\n\n"])
def test_a_headline_wrapped_inside_a_phrase_is_mended(gap):
    head = f"社区食堂推出老年人和{gap}学生营养套餐"
    assert read_one(f"{head}\n\n■记者 王强\n\n{BODY}").title == "社区食堂推出老年人和学生营养套餐"


def test_the_space_between_the_halves_of_a_headline_stays():
    article = read_one(f"板凳龙舞起来 古镇年味越来越浓\n\n■记者 王强\n\n{BODY}")
    assert (article.title, article.subtitle) == ("板凳龙舞起来 古镇年味越来越浓", None)


def test_a_statement_under_the_headline_is_its_subtitle():
    article = read_one(f"志愿者上门修电路\n\n南汀街道便民服务进小区\n\n■记者 王强\n\n{BODY}")
    assert (article.title, article.subtitle) == ("志愿者上门修电路", "南汀街道便民服务进小区")


@pytest.mark.parametrize(
    "head", ["志愿者为何天天上门？\n\n——来自江滨小区的报道", "——来自江滨小区的报道\n\n志愿者为何天天上门？"]
)
def test_a_line_that_begins_with_a_dash_is_the_kicker(head):
    article = read_one(f"{head}\n\n■记者 王强\n\n{BODY}")
    assert (article.title, article.kicker) == ("志愿者为何天天上门？", "——来自江滨小区的报道")


@pytest.mark.parametrize("at", [9, 21, 40])
def test_a_column_break_inside_a_sentence_is_mended(at):
    article = read_one(f"志愿者上门修电路\n\n■记者 王强\n\n{MORE}\n\n{BODY[:at]}\n\n\n{BODY[at:]}")
    assert article.text == f"{MORE}\n{BODY}"


def test_a_column_break_inside_a_number_is_mended():
    head = "志愿者上门修电路\n\n■记者 王强\n\n"
    assert read_one(f"{head}截至目前，全市登记在册的志愿者占常住人口的\n\n12.8%，服务时长全省第一。").text == (
        "截至目前，全市登记在册的志愿者占常住人口的12.8%，服务时长全省第一。"
    )


def test_lines_of_a_column_are_joined_to_paragraphs():
    folded = "\n\n".join("\n".join(text[i : i + 14] for i in range(0, len(text), 14)) for text in (BODY, MORE))
    assert read_one(f"志愿者上门修电路\n\n■记者 王强\n\n{folded}").text == f"{BODY}\n{MORE}"


def test_indented_paragraphs_stay_apart_without_blank_lines():
    assert (
        read_one(f"志愿者上门修电路\n■记者 王强\n　　{BODY}\n　　{MORE}\n　　{BODY}").text == f"{BODY}\n{MORE}\n{BODY}"
    )


def test_a_list_stays_a_list():
    items = "一、每周上门一次\n二、电话预约\n三、费用全免"
    article = read_one(f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n街道公布了三条办法：\n{items}\n\n{MORE}")
    assert article.text == f"{BODY}\n街道公布了三条办法：\n{items}\n{MORE}"


def test_a_short_line_between_paragraphs_of_a_signed_page_is_a_crosshead():
    page = f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n服务上门\n\n{MORE}\n\n江滨公园添新绿\n\n■记者 李明\n\n{MORE}"
    assert read(page)[0].text == f"{BODY}\n服务上门\n{MORE}"


def test_a_headline_without_byline_begins_an_article():
    page = f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n江滨公园月底前铺好新步道\n\n{MORE}"
    assert [one.title for one in read(page)] == ["志愿者上门修电路", "江滨公园月底前铺好新步道"]


def test_a_caption_with_its_photographer_is_a_photo():
    photo = f"春色满园\n\n{MORE}\n\n■摄影 李明"
    page = f"志愿者上门修电路\n\n■记者 王强\n\n本报讯 {BODY}\n\n{photo}\n\n江滨公园添新绿\n\n■记者 王强\n\n{MORE}"
    first, found, last = read(page)
    assert (found.kind, found.title, found.text, found.byline) == (
        "photo",
        "春色满园",
        MORE,
        (Credit("摄影", ("李明",)),),
    )
    assert (first.kind, last.kind) == ("article", "article")


@pytest.mark.parametrize("caption", ["▲图为志愿者检修电路。 本报记者 李明 摄", "图为志愿者检修电路。（李明 摄）"])
def test_a_caption_inside_an_article_is_taken_out(caption):
    article, photo = read(f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n{caption}\n\n{MORE}")
    assert article.text == f"{BODY}\n{MORE}"
    assert (photo.kind, photo.text, photo.byline) == ("photo", "图为志愿者检修电路。", (Credit("摄影", ("李明",)),))


@pytest.mark.parametrize(
    "furniture",
    [
        "第01版 要闻",
        "2024年1月16日 星期二",
        "责任编辑 张三 版式设计 李四",
        "澜川日报",
        "A02",
        "新闻热线：85000000",
        "————————",
        "=====",
        "\f",
        " 　",
    ],
)
def test_page_furniture_is_dropped(furniture):
    page = f"{furniture}\n\n志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n{furniture}\n"
    assert [(one.title, one.text) for one in split_page(page, source="page.txt")] == [("志愿者上门修电路", BODY)]


def test_jumps_to_other_pages_are_dropped():
    assert read_one(f"志愿者上门修电路\n\n■记者 王强\n\n（上接第1版）{BODY}（下转第3版）").text == BODY


def test_windows_line_ends_make_no_difference():
    page = f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n{MORE}"
    assert read(page.replace("\n", "\r\n")) == read(page)


def test_a_giant_line_is_one_paragraph():
    article = read_one(f"志愿者上门修电路\n\n{'江' * 1_000_000}")
    assert (article.title, len(article.text)) == ("志愿者上门修电路", 1_000_000)


def test_a_page_of_many_short_lines_loses_none_of_them():
    page = "\n".join(["江边的风吹过来"] * 200_000)
    assert sum(f"{one.title}{one.subtitle}{one.text}".count("风") for one in read(page)) == 200_000


@pytest.mark.skipif(not REAL_PAGE.exists(), reason=f"{REAL_PAGE} is not on this machine")
def test_the_real_page_gives_its_seven_articles():
    articles = split_page(clean(REAL_PAGE.read_text(encoding="utf-8")), source=str(REAL_PAGE))
    assert [(one.title, one.subtitle) for one in articles] == [
        ("外国高端人才为何钟爱平湖?", None),
        ("第126期创新学堂举行 聚焦航天航空产业和低空经济发展", None),
        ("市十六届政府召开第二十七次常务会议", None),
        ("年味渐浓", None),
        ("根植文化基因 助力精神共富", "平湖“文化特派员”在行动"),
        ("全市安全生产和消防工作会议召开", "抓实抓细各项工作 持续巩固平稳态势"),
        ("“增值服务”助力外企向高向强", "平湖创新外企增值服务改革入选省“一市一品”"),
    ]
    assert [len(one.text.split("\n")) for one in articles] == [6, 4, 3, 1, 5, 5, 5]
    assert [one.kind for one in articles] == ["article"] * 3 + ["photo"] + ["article"] * 3
    assert articles[0].kicker is not None
    assert all(one.byline and (one.dateline == "本报讯") == (one.kind == "article") for one in articles)


def test_unseen_generated_pages_are_split_with_an_f1_of_97_percent():
    f1, by_feature = score_pages(UNSEEN_SEEDS, load_corpus())
    assert f1 >= 0.97, f"F1 {f1:.3f}; found by feature:\n{by_feature}"


def test_the_telephone_number_of_a_notice_stays_and_the_papers_own_does_not():
    page = f"停水通知\n\n■记者 王强\n\n{BODY}\n\n电话：88001234\n\n{MORE}\n\n责任编辑：李明\n\n新闻热线：88005678\n"
    article = read_one(page)
    assert "电话：88001234" in article.text
    assert "88005678" not in article.text


def test_the_papers_own_telephone_number_is_dropped_below_the_editors():
    assert read_one(f"志愿者上门修电路\n\n■记者 王强\n\n{BODY}\n\n责编：李明\n电话：88005678\n").text == BODY


def test_a_headline_that_nothing_follows_is_an_article_without_body():
    page = f"志愿者上门修电路\n\n■记者 王强\n\n本报讯 {BODY}\n\n江滨公园添新绿\n\n■记者 李明\n"
    last = read(page)[-1]
    assert (last.title, last.text) == ("江滨公园添新绿", "江滨公园添新绿")
    assert "no_body" in last.flags


@pytest.mark.parametrize(
    "page", ["江滨公园添新绿", "江滨公园添新绿\n\n■记者 李明", "■记者 李明", "本报讯 （记者 李明）"]
)
def test_a_page_without_running_text_is_not_lost(page):
    article = read_one(page)
    assert article.text
    assert lost_lines(page, [article]) == []


def test_the_bare_name_of_a_column_above_the_headline_is_the_kicker():
    article = read_one(f"新春走基层\n\n志愿者上门修电路\n\n■记者 王强\n\n{BODY}")
    assert (article.title, article.kicker) == ("志愿者上门修电路", "新春走基层")


def test_a_dash_that_a_space_sets_off_from_the_title_begins_the_kicker():
    article = read_one(f"志愿者上门修电路 ——来自江滨小区的报道\n\n■记者 王强\n\n{BODY}")
    assert (article.title, article.kicker) == ("志愿者上门修电路", "——来自江滨小区的报道")


def test_a_centred_headline_above_indented_paragraphs_is_a_headline():
    body = f"　　{BODY}\n　　{MORE}"
    page = f"        志愿者上门修电路\n\n{body}\n\n        江滨公园添新绿\n\n{body}"
    assert [(one.title, one.text) for one in read(page)] == [
        ("志愿者上门修电路", f"{BODY}\n{MORE}"),
        ("江滨公园添新绿", f"{BODY}\n{MORE}"),
    ]


def test_the_rest_of_a_broken_sentence_is_no_headline_of_the_next_article():
    page = f"志愿者上门修电路\n\n■记者 王强\n\n{BODY[:20]}\n\n{BODY[20:-1]}！\n\n江滨公园添新绿\n\n■记者 李明\n\n{MORE}"
    assert [one.title for one in read(page)] == ["志愿者上门修电路", "江滨公园添新绿"]


@pytest.mark.parametrize("seed", range(30_000, 30_040))
def test_no_character_of_a_generated_page_is_lost(seed):
    page, _ = make_page(seed, load_corpus())
    page = clean(page)
    kept: Counter[str] = Counter()
    for one in read(page):
        names = [name for credit in one.byline for name in credit.names]
        kept.update("".join([one.title, one.subtitle or "", one.kicker or "", one.dateline or "", one.text, *names]))
    printed = Counter("".join(line.text for line in read_lines(page)))
    lost = {char: count for char, count in (printed - kept).items() if char.isalnum() and char not in ROLE_CHARS}
    assert lost == {}
