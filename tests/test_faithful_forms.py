"""What a summary may write in another form than its article, and the fault that is nearest to it."""

import pytest

from toolkit.faithful import Source, check
from toolkit.types import Article


def kinds(summary, text, title=""):
    return [finding.kind for finding in check(summary, Source(Article(id="a", title=title, text=text, source="test")))]


# (article, a summary it supports, one it does not, the finding)
BOTH_WAYS = [
    ("比赛于 12 月 3 号 举行。", "比赛12月3日举行。", "比赛12月5日举行。", "date"),
    ("比赛12月3日举行。", "比赛 12 月 3 日 举行。", "比赛 12 月 5 日 举行。", "date"),
    ("当天 8 时 30 分，比赛开始。", "8时30分比赛开始。", "9时30分比赛开始。", "date"),
    ("今（15）日上午比赛开始。", "15日比赛开始。", "16日比赛开始。", "date"),
    ("躲过初一躲不过十五2018年12月20日查获。", "2018年12月20日查获。", "2018年12月21日查获。", "date"),
    ("报名办法：3.十月份参加考试。", "十月份参加考试。", "九月份参加考试。", "date"),
    ("5.18博览会开幕。", "博览会5月18日开幕。", "博览会5月19日开幕。", "date"),
    ("前2个月出口增加。", "前2月出口增加。", "前3月出口增加。", "number"),
    ("22日11时19分车辆起火。", "22日11时许车辆起火。", "22日10时许车辆起火。", "date"),
    ("他咳嗽 70 多次。", "他咳嗽70多次。", "他咳嗽80多次。", "number"),
    ("追回 460 万元。", "追回460万元。", "追回470万元。", "money"),
    ("参观人数1.8万多人。", "参观1.8万多人。", "参观1.9万多人。", "number"),
    ("车祸造成5人死亡，18名乘客受伤。", "车祸致5死18伤。", "车祸致18死5伤。", "number"),
    ("市委召开第六次全会。", "市委六次全会召开。", "市委五次全会召开。", "number"),
    ("骗走货款80余万元。", "骗走货款80余万 潜逃落网", "骗走货款90余万 潜逃落网", "number"),
    ("超过210名火炬手参加。", "210余名火炬手参加。", "310余名火炬手参加。", "number"),
    ("全年收入2356万元。", "全年收入超2300万元。", "全年收入超2400万元。", "money"),
    ("全年收入2356万元。", "全年收入近2400万元。", "全年收入近2300万元。", "money"),
    ("共40支代表队参加。", "40队参加。", "41队参加。", "number"),
    ("甲校男女比例为7:3，乙校总体为4:6。", "乙校为7:3。", "乙校为8:3。", "number"),
    ("工程已开工40个，初步选出68个重点项目。", "工程已开工40个重点项目。", "工程已开工68个。", "moved_number"),
    ("货车过洛旺，发生事故，此处发生多起。", "货车过洛旺处发生事故。", "货车过临汾处发生事故。", "place"),
    ("骑手小刘因为骑电动车逆行被罚。", "骑手小刘骑电动车逆行被罚。", "骑手小赵骑电动车逆行被罚。", "person"),
    ("市长王小明和局长李小红讲话。", "王小明、李小红讲话。", "市长王小红讲话。", "person"),
    ("会议在京召开。", "会议在北京召开。", "会议在上海召开。", "place"),
    ("乌鲁木齐市中级法院调解。", "乌市中院调解。", "昆市中院调解。", "place"),
    ("中国保险监督管理委员会发布。", "中国保监会发布。", "中国证监会发布。", "organisation"),
    ("多个国家参加。", "多国参加。", "法国参加。", "place"),
    ("他看过的包都不带拉链。", "挑选时多看带拉链和夹层的。", "他看过的包都带拉链。", "negation"),
    ("快递员不送货上门。", "快递员拒送货上门。", "快递员送货上门。", "negation"),
    ("急刹容易引发追尾。", "她没有急刹。", "急刹不容易引发追尾。", "negation"),
    ("公司五年不能消除案底。", "公司五年未消除案底。", "案底能消除。", "negation"),
]


@pytest.mark.parametrize(("text", "supported", "unsupported", "kind"), BOTH_WAYS)
def test_another_form_is_borne_out_and_another_fact_is_not(text, supported, unsupported, kind):
    assert kinds(supported, text) == []
    assert kind in kinds(unsupported, text)


@pytest.mark.parametrize(
    "summary", ["顾客张贴贺信祝贺", "各地广泛开展活动，多渠道采取措施", "古镇新春欢庆，高新区建大桥"]
)
def test_ordinary_words_are_no_names(summary):
    assert kinds(summary, "全市工作会议召开。") == []


def test_provinces_may_be_named_by_one_character():
    assert kinds("京津有震感。", "北京和天津有震感。") == []
    assert kinds("京津有震感。", "北京和河北有震感。") == ["place"]


def test_a_town_that_the_dictionary_has_not_is_a_place():
    assert kinds("展览在云栖县举办。", "展览在白鹭镇举办。") == ["place"]


# (article, a summary it supports, one it does not, the finding)
LEFT_OUT = [
    ("公司拟投资建设新厂。", "公司计划投资建设新厂。", "公司投资建设新厂。", "hedge"),
    ("王某涉嫌受贿。", "王某被疑受贿。", "王某受贿。", "hedge"),
    ("明年产量力争达到九成。", "明年产量目标达到九成。", "明年产量达到九成。", "hedge"),
    ("项目投资约3亿元。", "项目投资3亿元左右。", "项目投资3亿元。", "hedge"),
    ("袭击造成至少67人受伤。", "袭击致至少67人受伤。", "袭击致67人受伤。", "hedge"),
    ("春运预计发送旅客950万人次，预计加开列车31列。", "预计发送950万人次，加开列车31列。", "加开列车31列。", "hedge"),
    ("拟投资建厂。去年投资建厂一处。", "投资建厂。", "", ""),
    ("副主任金玉珍，市政协副主席许静出席。", "副主任金玉珍、许静出席。", "副主任金玉珍许静出席。", "joined_names"),
    ("市长王小明讲话。会上，五十余名与会者围绕本年度全市重点工程的进展展开了热烈讨论。李国强作说明。会议要求各单位抓紧推进各自的工程，按月报告进度。",
     "市长王小明讲话，李国强作说明。", "市长李国强作说明。", "joined_names"),
    ("北京大学、清华大学附属中学参赛。", "北京大学、清华大学附属中学参赛。", "北京大学附属中学参赛。", "joined_names"),
    ("市里开展教育助学、养老助困活动。", "市里开展教育助学、养老助困。", "市里开展教育助学助困活动。", "joined_names"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "supported", "unsupported", "kind"), LEFT_OUT)
def test_what_was_left_out_is_found_where_it_makes_a_difference(text, supported, unsupported, kind):
    assert kinds(supported, text) == []
    assert kinds(unsupported, text) == ([kind] if kind else [])
