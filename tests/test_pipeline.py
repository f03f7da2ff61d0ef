import itertools

import pytest

from toolkit.classifiers import load_classifier
from toolkit.pipeline import BATCH_ARTICLES, Steps, keep_articles, predict, process, usable_workers
from toolkit.summarizers import load_summarizer
from toolkit.types import Article, Reject


def make(number):
    return Article(str(number), f"第{number}场演练", f"第{number}场消防演练昨天举行，{number}名群众参加。", "x")


@pytest.fixture(scope="module")
def steps():
    return Steps(load_classifier("tfidf"), load_summarizer("lead"))


def test_results_come_one_an_article_in_order(steps):
    articles = [make(number) for number in range(BATCH_ARTICLES + 3)]
    results = list(process(articles, steps))
    assert [result.article for result in results] == articles
    assert all(result.prediction and result.summary for result in results)
    assert results[5].summary.text == articles[5].text


def test_a_step_that_is_left_out_leaves_nothing(steps):
    [labelled] = process([make(1)], Steps(steps.classifier))
    [summarized] = process([make(1)], Steps(None, steps.summarizer))
    assert labelled.summary is None
    assert summarized.prediction is None


def test_headlines_of_many_articles_keep_their_order(steps):
    articles = [make(number) for number in range(BATCH_ARTICLES // 2 + 3)]
    results = list(process(articles, Steps(None, steps.summarizer, headline=True)))
    assert [result.summary.text for result in results] == [article.text for article in articles]
    assert all(str(number) in result.headline.text for number, result in enumerate(results))


def test_a_headline_is_written_beside_the_summary(steps):
    [both] = process([make(1)], Steps(None, steps.summarizer, headline=True))
    assert both.summary.text.endswith("。")
    assert 0 < len(both.headline.text) <= 30
    assert both.headline.text[-1] != "。"
    [alone] = process([make(1)], Steps(None, steps.summarizer))
    assert alone.headline is None


def test_no_articles_give_no_results(steps):
    assert list(process([], steps)) == []
    assert list(process([], steps, workers=2)) == []


@pytest.mark.parametrize("count", [1, BATCH_ARTICLES, BATCH_ARTICLES + 1, BATCH_ARTICLES * 7])
def test_several_processes_find_what_one_finds(steps, count):
    articles = [make(number) for number in range(count)]
    assert list(process(articles, steps, workers=2)) == list(process(articles, steps))


@pytest.mark.parametrize("workers", [1, 2])
def test_articles_are_taken_as_they_are_needed(steps, workers):
    taken = itertools.count()

    def endless():
        for number in itertools.count():
            next(taken)
            yield make(number)

    results = process(endless(), steps, workers=workers)
    for _ in range(BATCH_ARTICLES * 3):
        next(results)
    results.close()
    assert next(taken) <= BATCH_ARTICLES * 10


def test_an_error_in_another_process_reaches_the_caller(steps):
    broken = Article("b", "t", None, "x")
    articles = [make(number) for number in range(BATCH_ARTICLES * 2)]
    with pytest.raises((TypeError, AttributeError)):
        list(process([*articles, broken], steps, workers=2))


def test_rejects_go_to_their_taker_and_articles_through():
    rejects = []
    found = [make(1), Reject("x#2", "no text"), make(3)]
    assert [article.id for article in keep_articles(found, rejects.append)] == ["1", "3"]
    assert rejects == [Reject("x#2", "no text")]


def test_a_prediction_holds_every_score_in_order(steps):
    [prediction] = predict([make(1)], steps.classifier)
    assert list(prediction.scores) == ["talent", "safety", "culture", "investment"]
    assert prediction.model == steps.classifier.name


def test_there_is_at_least_one_worker():
    assert usable_workers() >= 1
