import json
import random

from training.glued import Glued, Source, clean, glue, read_set_off
from training.headings import best_places, choose
from training.linear import fit_weights

SOURCES = [
    Source(f"澜川{number}区召开安全生产会议", (f"澜川{number}区今天召开会议，部署安全生产工作。", "会议要求压实责任。"))
    for number in range(1, 40)
]


def test_every_glued_heading_ends_where_it_says():
    found = list(glue(SOURCES, random.Random(1)))
    assert len(found) > 30
    for one in found:
        assert one.sentence[one.joint :].endswith("。")
        assert not one.sentence[: one.joint].endswith("。")


def test_clean_sentences_have_no_joint():
    assert list(clean(SOURCES[:1])) == [Glued(sentence, SOURCES[0].title) for sentence in SOURCES[0].sentences]


def test_headings_that_wide_gaps_set_off_are_glued(tmp_path):
    text = "活动结束了。  社区食堂开张　　五月十二日，澜川区青石社区食堂正式开门营业，迎来了三百位老人。"
    row = {"id": "inews-1", "title": "食堂", "text": text}
    (tmp_path / "abstracts-train.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (tmp_path / "inews-abstracts.jsonl").write_text("", encoding="utf-8")
    [found] = read_set_off(tmp_path)
    assert found.sentence[: found.joint] == "社区食堂开张"


def test_weights_tell_the_answers_apart():
    rows = [["bias", "yes"], ["bias", "no"]] * 20
    weights = fit_weights(rows, [True, False] * 20, min_count=2, strength=1.0, weakest=0.1)
    assert weights["yes"] > 0 > weights["no"]
    assert "bias" not in weights


def test_sentences_are_cut_from_the_odds_that_few_clean_ones_reach():
    enough = choose([[(3, "word", 5.0)], *([(3, "word", 1.0)] for _ in range(9999))])
    assert best_places([[(3, "word", 6.0), (5, "word", 7.0)], [(3, "word", 1.0)], []], enough) == [5, None, None]
