from toolkit.summarizers.pointer.lexicon import writable

SOURCE = ["市民", "张某", "被", "判处", "有期徒刑", "，", "他", "未", "获", "赔偿"]


def allowed(*words):
    return [word for word, may in zip(words, writable(words, SOURCE), strict=True) if may]


def test_function_words_and_marks_may_be_written_of_any_article():
    assert allowed("，", "。", "并", "在", "已", "其") == ["，", "。", "并", "在", "已", "其"]


def test_what_says_something_must_stand_in_the_article():
    assert allowed("获刑", "死亡", "俄", "俄称", "乌方", "全国", "今天") == ["获刑"]


def test_a_negation_must_stand_in_the_article():
    assert allowed("不", "未") == ["未"]


def test_a_mark_of_the_network_is_no_word():
    assert allowed("") == []
