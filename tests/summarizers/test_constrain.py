from string import ascii_letters, digits

import pytest
import torch
from tiny_seq2seq import FAMILIES, save_tiny_seq2seq

from toolkit.summarizers.constrain import FUNCTION_WORDS, ArticleRules, OwnWords, Vocabulary
from toolkit.summarizers.pieces import Pieces, load_pieces
from toolkit.summarizers.runs import INNER_MARKS, RUN, spell_as

SOURCE = "市水利局2023年投入3.5亿元，增长5%，GDP达到1,234.5亿元。COVID-19疫苗接种347人，12家医院参加。"
OTHER = "678900ABXYZ另外"


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def family(request, tmp_path_factory):
    return save_tiny_seq2seq(request.param, tmp_path_factory.mktemp(request.param), [SOURCE, OTHER])


@pytest.fixture(scope="module")
def own_words(family):
    return sample(family, constrained=True)


def load(folder):
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    return tokenizer, AutoModelForSeq2SeqLM.from_pretrained(folder)


def vocabulary_of(tokenizer, ending):
    return Vocabulary(load_pieces(tokenizer, "here"), opening=set(), ending={ending})


def sample(folder, *, constrained, count=8):
    """Return texts that a model draws at random, each with the runs in it but a last one, which may be cut off."""
    tokenizer, model = load(folder)
    vocabulary = vocabulary_of(tokenizer, model.generation_config.eos_token_id)
    own = tokenizer(SOURCE, add_special_tokens=False)["input_ids"]
    processors = [OwnWords(vocabulary, [ArticleRules(vocabulary, own)], num_beams=count)] if constrained else []
    batch = tokenizer([SOURCE], return_tensors="pt")
    torch.manual_seed(5)
    rows = model.generate(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], logits_processor=processors,
        do_sample=True, temperature=3.0, top_k=0, num_return_sequences=count, max_new_tokens=30,
        forced_eos_token_id=None,
    )  # fmt: skip
    texts = [vocabulary.pieces.join(row[1:]) for row in rows.tolist()]
    return [(text, RUN.findall(text.rstrip(INNER_MARKS + ascii_letters + digits))) for text in texts]


def known_runs(folder):
    tokenizer, _ = load(folder)
    text = load_pieces(tokenizer, "here").join(tokenizer(SOURCE, add_special_tokens=False)["input_ids"])
    return set(RUN.findall(text))


def test_with_its_own_words_a_model_writes_no_run_that_the_article_lacks(family, own_words):
    written = {run for _, runs in own_words for run in runs}
    assert written
    assert written <= known_runs(family)


def test_free_it_does(family):
    found = sample(family, constrained=False)
    assert {run for _, runs in found for run in runs} - known_runs(family)


def test_with_its_own_words_a_model_writes_only_the_article_s_characters_and_function_words(own_words):
    allowed = set(spell_as(SOURCE.lower() + SOURCE, "") + "".join(FUNCTION_WORDS) + SOURCE + " ,:;?!()")
    assert not {char for text, _ in own_words for char in text} - allowed


# --- the rules, on a vocabulary made by hand


def rules(source, *more):
    """Return the rules of an article that is cut into these tokens, with their ids; ``more`` stand in others only."""
    texts = tuple(dict.fromkeys(["", *source, *more]))
    vocabulary = Vocabulary(Pieces(texts, frozenset({0})), opening=set(), ending={0})
    ids = {text: number for number, text in enumerate(texts)}
    return ArticleRules(vocabulary, [ids[text] for text in source]), ids


def allowed_after(source, written, *more):
    made, ids = rules(source, *more)
    texts = {number: text or "END" for text, number in ids.items()}
    return {texts[number] for number in made.allowed(made.state([ids[text] for text in written])).tolist()}


def test_outside_a_run_any_token_of_the_article_may_come_and_the_end():
    assert allowed_after(["增", "长", "5", "%"], [], "减", "7") == {"增", "长", "5", "END"}


def test_a_function_word_may_come_though_the_article_lacks_it():
    assert "的" in allowed_after(["增", "长"], [], "的")
    assert "不" not in allowed_after(["增", "长"], [], "不")


def test_the_article_s_words_may_be_cut_into_other_tokens():
    assert {"增", "增长", " 5"} <= allowed_after(["快速增", "长", "5"], [], "增", "增长", " 5", " 6")


def test_a_run_that_has_begun_is_completed_before_anything_else():
    assert allowed_after(["20", "23", "年"], ["20"]) == {"23"}
    assert allowed_after(["20", "23", "年"], ["20", "23"]) == {"年", "END"}


def test_a_run_goes_on_with_any_tokens_that_spell_it():
    assert allowed_after(["2023", "年", "2", "个", "0", "3"], ["2"]) >= {"0", "年"}


def test_a_number_keeps_its_point_and_its_per_cent():
    assert allowed_after(["3", ".", "5", "%", "，", "高"], ["3"]) == {"."}
    assert allowed_after(["3", ".", "5", "%", "，", "高"], ["3", ".", "5"]) == {"%"}
    assert "，" in allowed_after(["3", ".", "5", "%", "，", "高"], ["3", ".", "5", "%"])


def test_no_unit_is_put_on_a_number_that_has_none():
    assert "%" not in allowed_after(["3", "人", "5", "%"], ["3"])
    assert "%" not in allowed_after(["3", "人", "5", "%"], [])


def test_a_point_after_a_whole_number_ends_the_sentence():
    source = ["3", ".", "5", "和", "4", "。"]
    assert "END" in allowed_after(source, ["4", "."], ".")


def test_a_start_that_leads_to_no_whole_run_is_not_made():
    # 34 begins 347, but only as part of 1234 is it a token of its own.
    assert "34" not in allowed_after(["12", "34", "人", "347"], [])


def test_a_token_of_a_number_and_a_character_is_read_through():
    assert allowed_after(["20", "23年", "5月"], ["20"]) == {"23年"}
    assert allowed_after(["20", "23年", "5月"], ["20", "23年"]) >= {"5月", "END"}


def test_words_of_letters_are_not_glued_together():
    source = ["\0new", "\0york", "，"]
    assert "\0york" in allowed_after(source, ["\0new"])
    assert "##york" not in allowed_after(source, ["\0new"], "##york")


def test_a_text_that_ends_within_a_run_does_not_keep_the_rules():
    made, ids = rules(["20", "23", "年"])
    assert made.is_followed_by([ids["20"], ids["23"]])
    assert not made.is_followed_by([ids["20"]])
    assert not made.is_followed_by([ids["20"], ids["年"]])


def test_where_nothing_is_left_the_text_ends_with_a_hopeless_score():
    made, ids = rules(["20", "23", "年"])
    vocabulary = Vocabulary(Pieces(tuple(ids), frozenset({0})), opening=set(), ending={0})
    scores = torch.zeros(1, len(ids))
    scores[0, ids["23"]] = -torch.inf  # ruled out by another processor
    left = OwnWords(vocabulary, [made], num_beams=1)(torch.tensor([[0, ids["20"]]]), scores)
    assert left[0, 0] < -1e6
    assert torch.isneginf(left[0, 1:]).all()


# --- pieces and spelling


def test_word_pieces_are_joined_without_blanks_but_between_words_of_letters(tmp_path):
    tokenizer, _ = load(save_tiny_seq2seq("bart", tmp_path, [SOURCE, OTHER]))
    pieces = load_pieces(tokenizer, "here")
    ids = tokenizer("COVID-19疫苗接种347人，增长3.5%。AB XYZ")["input_ids"]
    assert pieces.join(ids) == "covid-19疫苗接种347人，增长3.5%。ab xyz"


def test_pieces_that_are_bytes_are_joined_to_characters():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = {char: number for number, char in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    backend = Tokenizer(models.BPE(alphabet, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend)
    assert load_pieces(tokenizer, "here").join(tokenizer("水位20 米")["input_ids"]) == "水位20 米"


@pytest.mark.parametrize(
    ("written", "article", "expected"),
    [
        ("全 市 gdp 增 长", "全市GDP增长", "全市GDP增长"),
        ("增长5%,投入3.5亿元(含税)。", "", "增长5%，投入3.5亿元（含税）。"),
        ("上午10:30开会,共1,200人", "上午10:30", "上午10:30开会，共1,200人"),
        ("２０个点", "20个点", "20个点"),
        ("20个点", "２０个点", "２０个点"),
        (" 水位 ", "水位", "水位"),
        ("new york", "New York", "New York"),
    ],
)
def test_a_text_is_spelled_as_the_article_spells_it(written, article, expected):
    assert spell_as(written, article) == expected
